// The one door to the sandbox: JSON in, JSON out, and every failure is a sentence that a person can read.

// A push may be repeated three times with five seconds each before the platform gives up.
const PATIENCE_MS = 60_000;

export class PlatformError extends Error {}

function request(method, body) {
  const options = {
    method,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
  if (body instanceof FormData) return { ...options, body };
  if (body === undefined) return options;
  return {
    ...options,
    headers: { ...options.headers, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

function reason(answer, status) {
  const said = answer && (answer.error ?? answer.detail ?? answer.errmsg);
  return typeof said === "string" ? said : `平台回答 ${status}`;
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, request(method, body));
  } catch {
    throw new PlatformError("连不上演示平台，请看看它是不是还开着");
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new PlatformError(reason(answer, response.status));
  return answer;
}

function query(fields) {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return kept.length ? `?${new URLSearchParams(kept)}` : "";
}

const segment = encodeURIComponent;
const seat = (who, account) => `/phone/api/${segment(who)}/${segment(account)}`;
const mini = (who, app) => `/phone/api/${segment(who)}/mini/${segment(app)}`;

export const phone = {
  neighbours: () => call("GET", "/phone/api/neighbours"),
  addNeighbour: (name) => call("POST", "/phone/api/neighbours", { name }),
  codes: () => call("GET", "/phone/api/codes"),
  chat: (who, account, after) => call("GET", `${seat(who, account)}/chat${query({ after })}`),
  act: (who, account, what, body = {}) => call("POST", `${seat(who, account)}/${what}`, body),
  miniLogin: (who, app) => call("POST", `${mini(who, app)}/login`, {}),
  miniPhone: (who, app) => call("POST", `${mini(who, app)}/phone`, {}),
};

const CONTROL = "/control/api";

/** {accounts, miniprograms}: the platform lists both in one row. */
async function apps() {
  const all = await call("GET", `${CONTROL}/apps`);
  return { accounts: all.filter(({ mini }) => !mini), miniprograms: all.filter(({ mini }) => mini) };
}

export const control = {
  apps,
  setApp: (name, fields) => call("PUT", `${CONTROL}/apps/${segment(name)}`, fields),
  pushes: (filter = {}) => call("GET", `${CONTROL}/pushes${query(filter)}`),
  push: (id) => call("GET", `${CONTROL}/pushes/${segment(id)}`),
  repeat: (id, how) => call("POST", `${CONTROL}/pushes/${segment(id)}/repeat`, how),
  calls: (filter = {}) => call("GET", `${CONTROL}/calls${query(filter)}`),
  sent: (filter = {}) => call("GET", `${CONTROL}/sent${query(filter)}`),
  faults: () => call("GET", `${CONTROL}/faults`),
  setFaults: (fields) => call("PUT", `${CONTROL}/faults`, fields),
  resetFaults: () => call("POST", `${CONTROL}/faults/reset`, {}),
  clock: () => call("GET", `${CONTROL}/clock`),
  setClock: (offset) => call("PUT", `${CONTROL}/clock`, { offset }),
  shiftClock: (seconds) => call("POST", `${CONTROL}/clock/shift`, { seconds }),
  expireTokens: () => call("POST", `${CONTROL}/tokens/expire`, {}),
};
