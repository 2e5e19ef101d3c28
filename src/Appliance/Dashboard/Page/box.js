// Asks the box. Everything is a GET; the token, if it has one, goes along in a field and is forgotten with the tab.

const key = 'middlebox-token';
const patience = 5000;

/** Thrown when the box asks for its token. */
export class TokenWanted extends Error {}

export function setToken(token) {
  sessionStorage.setItem(key, token);
}

export function hasToken() {
  return sessionStorage.getItem(key) !== null;
}

/** The answer to a question, such as ask('overview', { after: 7 }). */
export async function ask(question, parameters = {}) {
  const token = sessionStorage.getItem(key);
  const answer = await fetch(`api/${question}?${new URLSearchParams(parameters)}`, {
    headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    cache: 'no-store',
    signal: AbortSignal.timeout(patience),
  });
  if (answer.status === 401) throw new TokenWanted();
  if (!answer.ok) throw new Error(`the box answered ${answer.status}`);
  return answer.json();
}
