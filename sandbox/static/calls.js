// Every call of the CDS service, as sent and as answered, with its times.
import { $, el } from "./dom.js";

const KEPT = 12;

function json(title, value) {
  const text = el("pre", { tabindex: 0 });
  const box = el("details", {}, el("summary", {}, title), text);
  box.addEventListener("toggle", () => {
    if (box.open && !text.textContent) text.textContent = JSON.stringify(value, null, 2);
  });
  return box;
}

function delivery(call) {
  const rows = call.keys.map((key) => el("tr", {},
    el("th", { scope: "row" }, key.key),
    el("td", {}, key.sent === null ? "left to the service, from the FHIR server"
      : `prefetched, ${key.sent} ${key.sent === 1 ? "resource" : "resources"}`)));
  return el("table", { class: "keys" }, el("caption", {}, "Where the data came from"),
    el("tbody", {}, rows));
}

function add(summary, ...content) {
  $("calls").prepend(el("details", { class: "call" }, el("summary", {}, summary), ...content));
  while ($("calls").children.length > KEPT) $("calls").lastChild.remove();
}

/** Adds a hook call. */
export function showHook(call) {
  const prefetched = call.keys.some((key) => key.sent !== null);
  const times = prefetched ? `prefetch ${call.prefetchMs} ms, service ${call.serviceMs} ms`
    : `service ${call.serviceMs} ms, FHIR reads included`;
  const cards = call.cards.length === 1 ? "1 card" : `${call.cards.length} cards`;
  const at = call.request.extension ? ", in the past" : "";
  add(`${call.request.hook}${at}: HTTP ${call.status}, ${cards}, ${times}`,
    el("p", {}, el("code", {}, `POST ${call.url}`)), delivery(call),
    json("Request", call.request), json("Response", call.response));
}

/** Adds a feedback call. */
export function showFeedback(service, answer) {
  add(`feedback to ${service}: HTTP ${answer.status}`, json("Sent", { feedback: [answer.sent] }),
    json("Answer", answer.answer));
}
