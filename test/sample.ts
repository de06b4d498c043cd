/** CI takes a sample of the long tests. */
export const SAMPLE = process.env["SUYUAN_LONG"] === "sample";
