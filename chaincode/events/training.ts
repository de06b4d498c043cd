/** Who has been trained (岗前安全培训), by the salted digest of who it is. Clause 七(五)5. */
import { table } from "./definition";

export const trained = table<{ readonly from: number; readonly until?: number }>("trained");
