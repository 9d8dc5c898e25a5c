// The messages between a frame and the page that shows it, and the calls of a frame to its server.

/**
 * Answers the calls of the page with these handlers. The first page that calls is the only one that is answered.
 * Returns a function that sends a message to it.
 */
export function serve(handlers) {
  let page;
  let instance;

  const send = (message) => window.parent.postMessage({ instance, ...message }, page);

  async function receive({ source, origin, data }) {
    if (source !== window.parent || typeof data?.instance !== 'string') return;
    page ??= origin;
    instance ??= data.instance;
    if (origin !== page || data.instance !== instance) return;
    if (data.kind === 'SYN') send({ kind: 'SYN-ACK' });
    if (data.kind !== 'call' || !Object.hasOwn(handlers, data.name)) return;
    const value = await handlers[data.name](data.value).catch(() => null);
    send({ kind: 'answer', number: data.number, value });
  }

  window.addEventListener('message', receive);
  return (kind, value) => send({ kind, value });
}

/** Calls the server about the payment session of a client token. */
export async function ask(token, action, body) {
  const encoded = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const { session_id: session } = JSON.parse(new TextDecoder().decode(bytes));
  const answer = await fetch(`../v1/sessions/${encodeURIComponent(session)}/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${action}: ${answer.status}`);
  return answer.json();
}
