// Calls to the page's own server; it speaks to the FHIR server and to the CDS service.

async function call(path, options = {}) {
  const answer = await fetch(`/api/${path}`, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error || `the page's server answered ${answer.status}`);
  return body;
}

export const get = (path, signal) => call(path, { signal });

export const post = (path, body, signal) =>
  call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
