// Calls to the page's own server; it speaks to the FHIR server and to the CDS service.

async function call(path, options = {}, root = "/api/") {
  const answer = await fetch(`${root}${path}`, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error || `the page's server answered ${answer.status}`);
  return body;
}

export const get = (path, signal) => call(path, { signal });

/** From the server of the SMART app, which knows whose chart it is. */
export const getOfApp = (path) => call(path, {}, "/smart/api/");

export const post = (path, body, signal) =>
  call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
