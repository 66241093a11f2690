// Show times in the time zone of the browser.
function showTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    const day = today ? {} : { weekday: "short", day: "numeric", month: "short" };
    element.textContent = at.toLocaleString([], {
      ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
  }
}
showTimes(document);
