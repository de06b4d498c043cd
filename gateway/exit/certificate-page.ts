/** The certificate of an exit as a page to read and to print: a sheet in Chinese, then one in English. It runs nothing and loads nothing. */
import { createHash } from "node:crypto";
import qrcode from "qrcode-generator";
import { policyText } from "../console/policy";
import words from "./certificate-page.labels.json";
import { certificateSheet, type Page } from "./certificate-sheet";
import { escaped } from "./sheet-html";

const STYLE = `
body{font:14px/1.5 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:#111;max-width:190mm;margin:12mm auto;padding:0 6mm}
h1{font-size:22px;text-align:center;margin:0 0 6mm}article+article{break-before:page;margin-top:20mm}
h2{font-size:15px;border-bottom:1px solid #888;margin:6mm 0 2mm;break-after:avoid}h3{font-size:13px;margin:3mm 0 1mm;break-after:avoid}p{margin:1mm 0;font-size:12px}
table{border-collapse:collapse;width:100%;font-size:12px;margin:1mm 0}th,td{border:1px solid #999;padding:1mm 2mm;text-align:left}th{word-break:keep-all}td.long{overflow-wrap:anywhere}td.short{white-space:nowrap}
dl{display:grid;grid-template-columns:42mm 1fr;column-gap:2mm;margin:0}dt{font-weight:bold}dd{margin:0;overflow-wrap:anywhere}
p.since{border:2px solid #b00;color:#b00;padding:2mm 3mm;font-weight:bold}
svg{width:32mm;height:32mm;float:right;margin:0 0 2mm 4mm}tr,dl{break-inside:avoid}
@page{size:A4;margin:14mm}@media print{body{margin:0;padding:0;max-width:none}article+article{margin-top:0}}
`;

/** Content Security Policy. */
export const POLICY = policyText({
  "default-src": ["'none'"],
  "style-src": [`'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
  "frame-ancestors": ["'none'"],
});

export type { Page };

/** @param origin of a gateway, where its verifier is: to it leads the code */
export function certificatePage(page: Page, origin: string): string {
  const { certificate, digest } = page;
  const verifier = `${origin}/verify`;
  const code = codeOf(`${verifier}#${digest}`);
  const sheet = (language: "zh" | "en"): string =>
    `<article lang="${language}"><h1>${escaped(words.title[language])}</h1>${code}${certificateSheet(page, verifier, language)}</article>`;
  return `<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(`${words.title.zh} ${certificate.number}`)}</title><style>${STYLE}</style></head><body>
${sheet("zh")}
${sheet("en")}
</body></html>
`;
}

/** Of the lowest error correction that still reads from paper. */
function codeOf(text: string): string {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  return code.createSvgTag({ scalable: true });
}
