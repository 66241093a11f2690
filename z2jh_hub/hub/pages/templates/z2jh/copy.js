{
  const button = document.getElementById("copy-report");
  const text = document.getElementById("report-text");
  button.hidden = false;
  const status = document.getElementById("copied");
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
      status.textContent = status.dataset.copied;
    } catch {
      document.getElementById("report").open = true;
      status.textContent = status.dataset.failed;
    }
  });
}
