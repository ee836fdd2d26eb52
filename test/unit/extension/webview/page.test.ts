import { expect, it } from "vitest";
import { webviewPage } from "../../../../src/extension/webview/page.js";

const parts = {
  view: "map",
  title: "Memory Map",
  cspSource: "https://*.vscode-cdn.net",
  script: "https://file+.vscode-resource.vscode-cdn.net/dist/webview.js",
  style: "https://file+.vscode-resource.vscode-cdn.net/dist/webview.css",
  nonce: "0123456789abcdef",
  language: "en",
} as const;

it("a webview's policy lets nothing in but its own script and style", () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(webviewPage(parts))?.[1]?.replaceAll("&#39;", "'");
  expect(policy?.split("; ")).toEqual([
    "default-src 'none'",
    "script-src 'nonce-0123456789abcdef'",
    "style-src https://*.vscode-cdn.net 'nonce-0123456789abcdef'",
    "font-src https://*.vscode-cdn.net",
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(policy).not.toMatch(/unsafe/);
});

it("a webview's page holds nothing that a name could turn into markup", () => {
  const page = webviewPage({ ...parts, title: `</title><script>alert(1)</script>"'&`, language: `"><img>` });
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toContain("<img");
});
