// The buttons of the home page: stop, delete and add servers.
{% include "z2jh/load.js" %}
{
  const status = document.getElementById("home-status");

  const request = async (button, method, body) => {
    button.disabled = true;
    if (button.dataset.busy) button.textContent = button.dataset.busy;
    try {
      const answer = await fetch(button.dataset.api, {
        method, body, headers: { "X-XSRFToken": window.jhdata.xsrf_token },
      });
      if (!answer.ok) throw new Error(answer.status);
      window.location.reload();
    } catch {
      status.textContent = status.dataset.failed;
    }
  };
  for (const button of document.querySelectorAll(".stop")) {
    button.hidden = false;
    button.addEventListener("click", () => request(button, "DELETE"));
  }
  for (const button of document.querySelectorAll(".delete")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (window.confirm(button.dataset.confirm)) {
        request(button, "DELETE", JSON.stringify({ remove: true }));
      }
    });
  }

  const form = document.getElementById("new-server");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = document.getElementById("new-server-name");
    require(["utils"], (utils) => {
      const name = utils.sanitise_display_name(input.value);
      if (!name) return;
      const query = new URLSearchParams({ display_name: name });
      window.location = `${form.dataset.spawn}${utils.safe_slug(name)}?${query}`;
    });
  });

  // until a server has started or stopped
  const changes = document.querySelector("[data-state=starting], [data-state=stopping]");
  if (changes) setTimeout(loadWhenAnswered, 3000, window.jhdata.base_url);
  // as on JupyterHub's page, for tests
  window._jupyterhub_page_loaded = true;
}
