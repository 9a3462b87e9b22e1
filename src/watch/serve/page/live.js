// The page as the server draws it, again whenever something happened. Without this it is what it was when it was asked for.
const events = new EventSource("/events");
let waiting;
async function draw() {
  waiting = undefined;
  if (document.activeElement?.closest("form, [form]")) return;
  const reply = await fetch(location.href);
  if (!reply.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  document.querySelector("#now").replaceWith(page.querySelector("#now"));
}
const later = () => { waiting ??= setTimeout(draw, 300); };
for (const kind of ["sync", "source", "refresh", "task_state", "apply_start", "apply_complete", "apply_failed"]) {
  events.addEventListener(kind, later);
}
