/** What strangers wrote, for people to read: what cannot be seen is spelled out, since a name with a hidden character is another name, and some move a terminal's cursor. */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
