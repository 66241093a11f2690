// Follow a start: show its events, and load the page again when it has succeeded or failed.

// what an event of Kubernetes means for the user, where the name of its step does not say it
const MEANINGS = ["FailedScheduling", "TriggeredScaleUp", "FailedAttachVolume", "FailedMount"];

function followStart(progressUrl, baseUrl, xsrfToken, texts) {
  const find = (id) => document.getElementById(id);
  const began = Date.now() - 1000 * Number(find("elapsed").dataset.seconds);
  const showStep = followSteps(texts);

  const showElapsed = () => {
    const seconds = Math.round((Date.now() - began) / 1000);
    const minutes = Math.floor(seconds / 60);
    const elapsed = `${minutes ? `${minutes} min ` : ""}${seconds % 60} s`;
    find("elapsed").textContent = texts.elapsed.replace("{elapsed}", elapsed);
  };
  showElapsed();
  setInterval(showElapsed, 1000);

  const show = (event) => {
    if (event.progress !== undefined) {
      find("progress-bar").style.width = `${event.progress}%`;
      find("progress-bar").setAttribute("aria-valuenow", event.progress);
    }
    const line = document.createElement("div");
    line.className = "progress-log-event";
    if (event.html_message !== undefined) line.innerHTML = event.html_message;
    else line.textContent = event.message || "";
    if (line.textContent) find("progress-log").append(line);
    const step = showStep(event);
    if (event.until) {
      const time = new Date(1000 * event.until).toLocaleTimeString([], { timeStyle: "short" });
      find("progress-message").textContent = texts.waits_until
        .replace("{waiting}", event.waiting).replace("{time}", time);
      return;
    }
    // the lines of Kubernetes itself stay in the details
    if (!event.raw_event) find("progress-message").innerHTML = line.innerHTML;
    else if (MEANINGS.includes(event.raw_event.reason)) {
      find("progress-message").textContent = texts[`event_${event.raw_event.reason}`];
    } else if (step) find("progress-message").textContent = `${texts[`step_${step}`]} …`;
  };

  let ended = false;
  const load = () => window.location.reload();
  const silent = () => { find("progress-message").textContent = texts.no_answer; };

  const source = new EventSource(progressUrl);
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    if (event.ready || event.failed) {
      source.close();
      ended = true;
      load();
    } else {
      show(event);
    }
  };
  // JupyterHub refuses the events of a start that has just ended; the page shows how it ended
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED || ended) return;
    ended = true;
    setTimeout(loadWhenAnswered, 1000, baseUrl, silent);
  };

  const cancel = find("stop-server-btn");
  cancel.hidden = false;
  cancel.addEventListener("click", () => {
    cancel.disabled = true;
    cancel.textContent = texts.cancelling;
    const url = progressUrl.replace(/\/progress(\?.*)?$/, "");
    fetch(url, { method: "DELETE", headers: { "X-XSRFToken": xsrfToken } }).finally(load);
  });
  // as on JupyterHub's page, for tests
  window._jupyterhub_page_loaded = true;
}
