// The head of a chart: who it is, and the grades at the chosen instant.
import { $, el, when } from "./dom.js";
import { chip, gradeOf, infusionText, overlapOf } from "./grades.js";

/** Name, age and sex. */
export function showPerson({ name, age, gender, id }) {
  $("name").textContent = name;
  document.title = `${name} - chart`;
  $("about").textContent = [age === null ? "age not known" : `${age} years`, gender, id]
    .filter(Boolean).join(", ");
}

/** The grades of an assessment; `at`: the chosen instant, null where it is now. */
export function showGrades(found, at) {
  $("grades").replaceChildren(...[chip("CRS", gradeOf(found, "crs")), " ",
    chip("ICANS", gradeOf(found, "icans")), " ",
    found?.iecHs?.possible ? [chip("IEC-HS", overlapOf(found)), " "] : [], el("span", {}, infusionText(found))].flat());
  const moment = found?.evaluatedAt ? when(found.evaluatedAt) : "not evaluated";
  $("seen").textContent = at ? `as of ${moment}, in the past` : `as of ${moment}`;
  document.body.dataset.past = String(at !== null);
}
