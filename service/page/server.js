// The public protocol, seen from a client: its REST calls.

export const url = (path) => new URL(path, document.baseURI);

const post = (path, body) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** Why a call failed: a sentence for the candidate. `again` is whether it is worth another try. */
class Refused extends Error {
  constructor(sentence, { code = "", again = false } = {}) {
    super(sentence);
    this.code = code;
    this.again = again;
  }
}

async function ask(path, request) {
  let response;
  try {
    response = await fetch(url(path), request);
  } catch {
    const sentence = "The interview service does not answer. Check the network and try again.";
    throw new Refused(sentence, { again: true });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const sentence = answer.detail ?? answer.message ?? `The service answered ${response.status}.`;
    throw new Refused(sentence, { code: answer.code, again: response.status >= 500 });
  }
  return answer;
}

/** What the candidate has to agree to: a text, which may be empty, and its version. */
export const consentAsked = () => ask("consent");

/** What the interview is, and whether it can start now. It takes no place. */
export const invitationTo = (id) => ask(`interview/${encodeURIComponent(id)}/invitation`);

export const startInterview = (id, consent) =>
  post("start-database-interview", { interview_id: id, consent });

/** Answers when all that was said is on record. */
export const finalizeInterview = (id, transcript) =>
  post("finalize-interview", { interviewId: id, transcript });
