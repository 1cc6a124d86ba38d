// Cards as an EHR shows them: most urgent first, drafts as buttons, dismissal with a reason.
import { post } from "./api.js";
import { showFeedback } from "./calls.js";
import { announce, el } from "./dom.js";

/** Uuids of the cards that were dismissed on this chart, and what each of them said. */
const dismissed = new Set();

/** What a card says, and how urgently. */
const saying = (card) => `${card.indicator}: ${card.summary}`;

/** Quiet until the card says something else; a critical one is back when the hook fires again. */
const isQuiet = (card) => dismissed.has(card.uuid)
  || (card.indicator !== "critical" && dismissed.has(saying(card)));

function dismiss(card) {
  dismissed.add(card.uuid);
  dismissed.add(saying(card));
}

function bringBack(card) {
  dismissed.delete(card.uuid);
  dismissed.delete(saying(card));
}

/** Posts what was done with a card and says what the service made of it. */
async function feedback(service, card, outcome) {
  const told = { card: card.uuid, ...outcome, outcomeTimestamp: new Date().toISOString() };
  try {
    const answer = await post("feedback", { service, feedback: told });
    showFeedback(service, answer);
    if (answer.status === 404) return "This service takes no feedback: HTTP 404.";
    if (answer.status >= 300) return `Feedback was refused: HTTP ${answer.status} ${answer.problem}`;
    return answer.answer.stored === 0 ? "Feedback was stored before." : "Feedback stored.";
  } catch (error) {
    return `Feedback was not posted: ${error.message}`;
  }
}

function suggestion(service, card, each, accept) {
  const button = el("button", { type: "button", class: "suggestion" }, each.label);
  if (each.isRecommended) button.append(el("span", { class: "tag" }, "recommended"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    accept(each.actions ?? []);
    const outcome = { outcome: "accepted", acceptedSuggestions: [{ id: each.uuid }] };
    announce(`On the order pad: ${each.label}. ${await feedback(service, card, outcome)}`, "good");
  });
  const what = (each.actions ?? []).map((action) => el("li", {}, action.description));
  return el("div", { class: "offer" }, button, el("ul", { class: "quiet" }, what));
}

function link(each) {
  if (each.type !== "absolute" || !/^https?:\/\//.test(each.url)) {
    return el("li", {}, `${each.label} (an app that is launched by an EHR; not launched here)`);
  }
  return el("li", {}, el("a", { href: each.url, rel: "noopener noreferrer", target: "_blank" },
    each.label));
}

function dismissal(service, card, drop) {
  const choices = (card.overrideReasons ?? []).map((reason, index) =>
    el("option", { value: index }, reason.display ?? reason.code));
  const select = el("select", { name: "reason" }, el("option", { value: "" }, "No listed reason"), choices);
  const comment = el("input", { name: "comment", maxlength: 500 });
  const form = el("form", {}, choices.length ? el("label", {}, "Reason ", select) : null,
    el("label", {}, "Comment ", comment), el("button", {}, "Dismiss"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const why = {};
    if (select.value !== "") why.reason = card.overrideReasons[select.value];
    if (comment.value.trim()) why.userComment = comment.value.trim();
    const outcome = { outcome: "overridden" };
    if (Object.keys(why).length) outcome.overrideReason = why;
    drop();
    announce(`Dismissed: ${card.summary}. ${await feedback(service, card, outcome)}`, "good");
  });
  return el("details", { class: "dismiss" }, el("summary", {}, "Dismiss"), form);
}

function detail(card) {
  const text = el("div", { class: "detail" });
  text.innerHTML = card.html; // made safe by the page's server (sandbox/markdown.py)
  for (const table of text.querySelectorAll("table")) {
    const wide = el("div", { class: "wide", tabindex: 0, role: "region",
      "aria-label": `Basis of ${card.summary}` });
    table.replaceWith(wide);
    wide.append(table);
  }
  for (const a of text.querySelectorAll("a")) a.target = "_blank";
  return el("details", { class: "more" }, el("summary", {}, "Options, basis and sources"), text);
}

function article(service, card, accept, drop) {
  const lead = el("div", { class: "lead" });
  lead.innerHTML = card.html; // only its first paragraph is kept
  lead.replaceChildren(...[...lead.children].slice(0, 1));
  const links = (card.links ?? []).map(link);
  return el("article", { class: "card", "data-indicator": card.indicator },
    el("h3", {}, el("span", { class: "indicator", "data-indicator": card.indicator }, card.indicator),
      " ", card.summary),
    lead,
    (card.suggestions ?? []).map((each) => suggestion(service, card, each, accept)),
    detail(card),
    links.length ? el("details", { class: "more" }, el("summary", {}, `Links (${links.length})`),
      el("ul", {}, links)) : null,
    el("p", { class: "quiet source" }, `Source: ${card.source?.label ?? "not named"}`),
    dismissal(service, card, drop));
}

/** Says in `box` that there is no guidance to be had, and why. */
export function showProblem(box, why) {
  box.replaceChildren(el("p", { class: "problem", role: "alert" },
    `${why}. This is not the same as nothing to say.`));
}

/** Shows what a hook answered in `box`; `accept` gets the actions of a suggestion that is taken. */
export function showCards(box, call, accept) {
  if (call.status !== 200) {
    showProblem(box, `The CDS service did not answer this call: HTTP ${call.status} ${call.problem}`);
    return;
  }
  const draw = () => showCards(box, call, accept);
  const shown = call.cards.filter((card) => !isQuiet(card));
  const quiet = call.cards.length - shown.length;
  const articles = shown.map((card) =>
    article(call.service, card, accept, () => { dismiss(card); draw(); }));
  if (!call.cards.length) articles.push(el("p", { class: "quiet none" }, "The service has no card."));
  if (quiet) {
    const again = () => { call.cards.forEach(bringBack); draw(); };
    articles.push(el("p", { class: "quiet" }, `${quiet} dismissed. `,
      el("button", { type: "button", class: "small", onclick: again }, "Show again")));
  }
  box.replaceChildren(...articles);
}
