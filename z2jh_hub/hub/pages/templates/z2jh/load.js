// Load the page again once the hub answers; without it, the proxy would answer for it.
function loadWhenAnswered(baseUrl, onSilence = () => {}) {
  fetch(`${baseUrl}api/`, { cache: "no-store" })
    .then((answer) => {
      if (!answer.ok) throw new Error(answer.status);
      window.location.reload();
    })
    .catch(() => {
      onSilence();
      setTimeout(loadWhenAnswered, 2000, baseUrl, onSilence);
    });
}
