// Which servers the page talks to.
import { get, post } from "./api.js";
import { $, announce } from "./dom.js";

export async function showSettings() {
  const form = $("settings");
  const bases = await get("settings");
  form.elements.fhir.value = bases.fhir;
  form.elements.cds.value = bases.cds;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("settings", { fhir: form.elements.fhir.value, cds: form.elements.cds.value });
      location.reload();
    } catch (error) {
      announce(`Not changed: ${error.message}`, "error");
    }
  });
}
