// Grades as words and colors: always both, and a range is hatched.
import { el } from "./dom.js";

const STATES = {
  resolving: "resolving",
  "possible-masked": "may be masked",
  "not-assessable": "cannot grade",
};

/** `{text, short, level, range, state}` of a syndrome in an assessment; level null: no grade. */
export function gradeOf(assessment, syndrome) {
  const found = assessment?.[syndrome] ?? {};
  if (found.lo === undefined) return { text: "no grade", short: "-", level: null, range: false };
  const range = found.lo !== found.hi;
  const short = range ? `${found.lo} to ${found.hi}` : `${found.lo}`;
  const state = STATES[found.state] ?? "";
  return { text: state ? `${short}, ${state}` : short, short, level: found.hi, range, state };
}

/** Whether IEC-HS is possible, in the form of a grade; it has none, so its level is only a color. */
export function overlapOf(assessment) {
  const possible = assessment?.iecHs?.possible === true;
  return { text: possible ? "possible" : "not flagged", short: possible ? "possible" : "", level: possible ? 3 : null, range: false };
}

/** A grade as a colored word. */
export function chip(name, grade) {
  const level = grade.level === null ? "none" : grade.level;
  return el("span", { class: "grade", "data-level": level, "data-range": String(grade.range) },
    `${name} ${grade.text}`.trim());
}

/** What changed between two assessments, as words; empty where nothing did. */
export function changes(before, after) {
  if (!before || !after) return [];
  return [["crs", "CRS"], ["icans", "ICANS"]]
    .map(([key, name]) => [name, gradeOf(before, key).text, gradeOf(after, key).text])
    .filter(([, old, now]) => old !== now)
    .map(([name, old, now]) => `${name} ${old} \u2192 ${now}`)
    .concat(overlapOf(before).text === overlapOf(after).text ? [] : [`IEC-HS ${overlapOf(after).text}`]);
}

/** `axi-cel, day 4`, or that no CAR-T was given, or that nobody knows. */
export function infusionText(assessment) {
  const infusion = assessment?.infusion;
  if (infusion) return `${infusion.product ?? "CAR-T"}, day ${infusion.day}`;
  return assessment?.crs?.state === "out-of-scope" ? "no CAR-T infusion" : "CAR-T infusion not known";
}
