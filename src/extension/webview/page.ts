/** The HTML of our webviews: a root, our script and style, and a policy that lets nothing else run. */

export interface PageParts {
  readonly view: "map" | "layout";
  readonly title: string;
  /** What VS Code says its own resources come from. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  /** Fresh for each page, from a cryptographic source. */
  readonly nonce: string;
  /** As of vscode.env.language. */
  readonly language: string;
}

export function webviewPage(parts: PageParts): string {
  const { cspSource, nonce } = parts;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The toolkit's style elements carry the nonce it finds in the csp-nonce property.
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="${escaped(parts.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta property="csp-nonce" content="${escaped(nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(parts.title)}</title>
<link rel="stylesheet" href="${escaped(parts.style)}">
</head>
<body data-view="${parts.view}">
<div id="root"></div>
<script nonce="${escaped(nonce)}" src="${escaped(parts.script)}"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
