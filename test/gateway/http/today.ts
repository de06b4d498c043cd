/** The story's agreement is of a day of its own; told to a gateway, whose clock is today's, it has to cover today. */
import { dayOf } from "../../../chaincode/events/time";
import type { Report } from "../../chaincode/events/world";

const day = (offset: number): string => dayOf(Date.now() + offset * 86_400_000);

/** What a report says, were its authorization signed two days ago, and so older than the gateway's ledger. */
export function aroundToday({ type, data }: Pick<Report, "type" | "data">): object {
  if (type === "authorization.signed") return { ...data, signed: day(-2), until: day(30) };
  const { existing } = data as { readonly existing?: object };
  return type === "authorization.decided" && existing !== undefined ? { ...data, existing: { ...existing, signedOn: day(-2) } } : data;
}
