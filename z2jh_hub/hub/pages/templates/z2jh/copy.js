{
  const button = document.getElementById("copy-report");
  const text = document.getElementById("report-text");
  button.hidden = false;
  const say = (message) => { document.getElementById("copied").textContent = message; };
  // without HTTPS, browsers have no clipboard API: select the text and copy that
  const copySelection = () => {
    document.getElementById("report").open = true;
    window.getSelection().selectAllChildren(text);
    if (!document.execCommand("copy")) throw new Error("not copied");
  };
  button.addEventListener("click", async () => {
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(text.textContent);
      else copySelection();
      say("Copied.");
    } catch {
      document.getElementById("report").open = true;
      say("Select and copy the text above.");
    }
  });
}
