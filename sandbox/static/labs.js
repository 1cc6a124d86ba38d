// The newest laboratory values with the range that was printed beside them.
import { el, when } from "./dom.js";
import { rangeText } from "./figure.js";

const ORDER = ["CRP", "ferritin", "fibrinogen", "triglycerides", "platelets", "ANC", "Hb", "AST", "ALT", "LDH", "creatinine"];

/** `high` or `low` against the printed range; empty within it or without one. */
function flag({ v, range }) {
  if (range?.high !== undefined && v > range.high) return "high";
  return range?.low !== undefined && v < range.low ? "low" : "";
}

/** Fills `table` with the newest value of each test and the one before it. */
export function showLabs(table, series) {
  const rows = ORDER.filter((name) => series[name]?.length).map((name) => {
    const [before, last] = [series[name].at(-2), series[name].at(-1)];
    return el("tr", {}, el("th", { scope: "row" }, name),
      el("td", { title: last.source }, `${last.v} ${last.unit} `,
        flag(last) ? el("span", { class: "flag" }, flag(last)) : null),
      el("td", {}, rangeText(last) || "none printed"),
      el("td", {}, before ? `${before.v}` : "-"), el("td", {}, when(last.t)));
  });
  const heads = ["Test", "Newest", "Range", "Before", "When"];
  table.closest(".labs").hidden = !rows.length;
  table.replaceChildren(el("thead", {}, el("tr", {}, heads.map((each) => el("th", { scope: "col" }, each)))),
    el("tbody", {}, rows));
}
