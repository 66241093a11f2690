// The steps of a start, and the events of Kubernetes and causes of delays that belong to each.
const STEPS = {
  node: {
    events: ["FailedScheduling", "TriggeredScaleUp", "NotTriggerScaleUp"],
    delays: /^(scaling-up|scale-up-refused|no-|tainted-nodes|unschedulable)/,
  },
  disk: {
    events: ["Scheduled", "FailedAttachVolume", "FailedMount", "SuccessfulAttachVolume"],
    delays: /^(home-|config-missing)/,
  },
  image: { events: ["Pulling", "BackOff", "ErrImagePull"], delays: /^image-/ },
  start: { events: ["Pulled", "Created"], delays: /^(init-failed|sandbox-failed|crashed)/ },
  open: { events: ["Started"], delays: null },
};

// Show which step a start is in. Events of a step may come late; a start does not go back.
function followSteps(texts) {
  const items = [...document.querySelectorAll("#steps [data-step]")];
  const names = items.map((item) => item.dataset.step);
  let current = -1;
  const show = (position) => {
    if (position <= current) return;
    current = position;
    items.forEach((item, index) => {
      const state = index < current ? "done" : index === current ? "now" : "";
      item.className = state;
      item.querySelector("span").textContent = state ? texts[`step_${state}`] : "";
      if (state === "now") item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
  };
  show(0);
  return (event) => {
    const reason = event.raw_event?.reason;
    const of = (step) => (reason ? STEPS[step].events.includes(reason) : STEPS[step].delays?.test(event.failure || ""));
    show(names.findIndex(of));
    return reason && names.find(of);
  };
}
