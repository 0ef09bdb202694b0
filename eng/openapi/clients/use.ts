// Compiled and not run: what a caller writes who has the types alone.
import type { components, operations, paths } from "./api.js";

type Schemas = components["schemas"];

const request: Schemas["EventRequest"] = { source: "clients", event_type: "made", severity: "low", message: "m", metadata: { a: [1, { b: null }] } };
const patch: Schemas["EndpointPatch"] = { workers: 3, rate_limit: null, headers: { "X-Team": "core", "X-Key": null } };
const query: paths["/api/v1/events"]["get"]["parameters"]["query"] = { priority: "critical", status: "dead_letter" };
const replay: operations["replays_create"]["requestBody"]["content"]["application/json"] = { of: "events", filter: {}, dry_run: true };

type Answers = operations["replays_create"]["responses"];
const same = (counted: Answers[200]["content"]["application/json"]): Answers[202]["content"]["application/json"] => counted;

async function call(base: string): Promise<Schemas["Priority"] | undefined> {
  const posted = await fetch(`${base}/integrations/events`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request) });
  const accepted = (await posted.json()) as Schemas["AcceptedEvent"];
  const answer = await fetch(`${base}/api/v1/events/${accepted.event_id}`);
  const detail = (await answer.json()) as Schemas["EventDetail"];
  return detail.payload === null ? undefined : detail.priority;
}

export { call, patch, query, replay, same };
