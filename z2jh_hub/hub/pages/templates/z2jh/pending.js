// Follow a start: show its events, and load the page again when it has succeeded or failed.

// what an event of Kubernetes means for the user, by its reason
const STEPS = {
  FailedScheduling: "Waiting for room on the cluster.",
  TriggeredScaleUp: "The cluster is growing to make room for your server. This takes some minutes.",
  Scheduled: "There is room for your server. Connecting your disk.",
  FailedAttachVolume: "Waiting for your disk.",
  FailedMount: "Waiting for your disk.",
  SuccessfulAttachVolume: "Your disk is connected.",
  Pulling: "Downloading the software for your server.",
  Pulled: "The software for your server is ready.",
  Created: "Starting your server.",
  Started: "Your server has started. Opening it.",
};

function followStart(progressUrl, baseUrl, xsrfToken) {
  const find = (id) => document.getElementById(id);
  const began = Date.now() - 1000 * Number(find("elapsed").dataset.seconds);

  const showElapsed = () => {
    const seconds = Math.round((Date.now() - began) / 1000);
    const minutes = Math.floor(seconds / 60);
    find("elapsed").textContent = `Elapsed time: ${minutes ? `${minutes} min ` : ""}${seconds % 60} s`;
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
    if (event.until) {
      const time = new Date(1000 * event.until).toLocaleTimeString([], { timeStyle: "short" });
      find("progress-message").textContent = `${event.waiting} This can take until ${time}.`;
      return;
    }
    // the lines of Kubernetes itself stay in the details
    if (!event.raw_event) find("progress-message").innerHTML = line.innerHTML;
    else if (STEPS[event.raw_event.reason]) {
      find("progress-message").textContent = STEPS[event.raw_event.reason];
    }
  };

  let ended = false;
  const load = () => window.location.reload();
  // JupyterHub refuses the events of a start that has just ended. Only a hub that answers can show
  // how it ended; without one, the proxy would answer for it.
  const loadWhenAnswered = () => {
    if (ended) return;
    fetch(`${baseUrl}api/`, { cache: "no-store" })
      .then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        load();
      })
      .catch(() => {
        find("progress-message").textContent =
          "JupyterHub does not answer. This page continues as soon as it does.";
        setTimeout(loadWhenAnswered, 2000);
      });
  };

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
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(loadWhenAnswered, 1000);
  };

  const cancel = find("stop-server-btn");
  cancel.hidden = false;
  cancel.addEventListener("click", () => {
    cancel.disabled = true;
    cancel.textContent = "Cancelling …";
    const url = progressUrl.replace(/\/progress(\?.*)?$/, "");
    fetch(url, { method: "DELETE", headers: { "X-XSRFToken": xsrfToken } }).finally(load);
  });
  // as on JupyterHub's page, for tests
  window._jupyterhub_page_loaded = true;
}
