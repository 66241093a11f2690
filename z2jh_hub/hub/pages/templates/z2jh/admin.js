// Report why a start failed that JupyterHub's page requested, and search the servers that stopped.
const START = /\/api\/users\/([^/]+)\/servers?\/?([^/]*)$/;
const ALERTS = 5;
// USER/SERVER of the starts that are followed: the message of JupyterHub, if it has refused one
const followed = new Map();
let following = null;

async function loadReport() {
  const page = document.getElementById("admin-report");
  const query = new URLSearchParams({
    search: document.getElementById("server-search-user").value, after: page.dataset.newest,
  });
  for (const server of followed.keys()) query.append("server", server);
  const answer = await fetch(`${window.jhdata.base_url}admin/report?${query}`, {
    headers: { "X-XSRFToken": window.jhdata.xsrf_token }, cache: "no-store",
  });
  if (!answer.ok) throw new Error(answer.status);
  const report = await answer.json();
  replace("stopped-servers", report.servers);
  if (String(report.newest) !== page.dataset.newest) replace("failed-starts", report.failures);
  return report;
}

function replace(id, html) {
  const element = document.getElementById(id);
  element.innerHTML = html;
  showTimes(element);
}

function showAlert(fill) {
  const alerts = document.getElementById("start-alerts");
  const alert = document.createElement("div");
  alert.className = "alert alert-danger alert-dismissible";
  fill(alert);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", alerts.dataset.close);
  close.addEventListener("click", () => alert.remove());
  alert.append(close);
  alerts.append(alert);
  while (alerts.children.length > ALERTS) alerts.firstChild.remove();
}

// Load the report until no start is pending; a failed one is reported once.
async function followStarts() {
  following = null;
  try {
    const report = await loadReport();
    for (const { server, pending, message } of report.starts) {
      if (pending) continue;
      const refusal = followed.get(server);
      followed.delete(server);
      if (message) showAlert((alert) => { alert.innerHTML = message; });
      else if (refusal) showAlert((alert) => { alert.textContent = `${server}: ${refusal}`; });
    }
    // a start that is still followed may have failed before the newest one
    if (!followed.size) document.getElementById("admin-report").dataset.newest = report.newest;
  } catch {
    // the hub does not answer; try again
  }
  if (followed.size) followSoon(2000);
}

function followSoon(milliseconds) {
  following ??= setTimeout(followStarts, milliseconds);
}

async function followStart(path, answer) {
  const [, user, server] = path.match(START).map(decodeURIComponent);
  let refusal = "";
  if (!answer.ok) refusal = (await answer.json().catch(() => ({}))).message || answer.status;
  followed.set(`${user}/${server}`, refusal);
  followSoon(answer.ok ? 2000 : 0);
}

// JupyterHub's page reports that a start failed, but not why
const jupyterhubFetch = window.fetch;
window.fetch = async (resource, options) => {
  const answer = await jupyterhubFetch(resource, options);
  const { pathname } = new URL(resource.url || resource, window.location);
  if (options?.method === "POST" && START.test(pathname)) followStart(pathname, answer.clone());
  return answer;
};

// JupyterHub's buttons that show the details of a server have an icon only
function nameButtons(root) {
  const { details } = document.getElementById("start-alerts").dataset;
  for (const button of root.querySelectorAll("[data-testid$=-collapse-button]:not([aria-label])")) {
    const name = button.dataset.testid.replace(/-collapse-button$/, "");
    button.setAttribute("aria-label", details.replace("{server}", name));
  }
}

function nameButtonsOf(root) {
  nameButtons(root);
  new MutationObserver(() => nameButtons(root)).observe(root, { childList: true, subtree: true });
}

function searchServers() {
  const status = document.getElementById("admin-status");
  document.getElementById("server-search").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await loadReport();
      const rows = document.querySelectorAll("#stopped-servers tbody tr").length;
      status.textContent = status.dataset.found.replace("{number}", rows);
    } catch {
      status.textContent = status.dataset.failed;
    }
  });
}
