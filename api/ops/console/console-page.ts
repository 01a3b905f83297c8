import type { Response } from 'express';

/** Only our own files, no inline script and no inline style; the page talks to the API that served it. */
const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface ConsolePage {
  /** Heading and title of the page, plain text. */
  title: string;
  /** The asset that fills the page, a module beside `shell.mjs`. */
  script: string;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/**
 * The frame of every page for operations: who is signed in, whether what is shown is live, and a place for content.
 * It holds no data, so that it needs no key; its script asks the API with the key that the reader pastes.
 */
export function consolePage({ title, script }: ConsolePage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · Steadfill</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/ops/assets/console.css">
<script type="module" src="/ops/assets/${escaped(script)}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="bar">
<a class="brand" href="/ops">Steadfill</a>
<h1>${escaped(title)}</h1>
<p id="connection" class="connection" data-state="signedOut">Not signed in</p>
<p id="viewer" class="viewer" hidden></p>
<button id="sign-out" type="button" class="quiet" hidden>Sign out</button>
</header>
<p id="announcement" class="visually-hidden" role="status" aria-live="polite"></p>
<form id="sign-in" class="sign-in" hidden>
<h2>Sign in</h2>
<p>Paste an API key. It stays in this browser tab and is forgotten when the tab closes.</p>
<label for="api-key">API key</label>
<div class="row">
<input id="api-key" name="api-key" type="password" autocomplete="off" spellcheck="false" required>
<button type="submit">Sign in</button>
</div>
<p id="sign-in-fault" class="fault" role="alert"></p>
</form>
<main id="content" tabindex="-1" hidden></main>
<noscript><p class="fault">This page needs JavaScript, which it loads from this server only.</p></noscript>
</body>
</html>
`;
}

/** Answers with a console page under its own policy: stricter than that of the documentation, wider than of data. */
export function sendConsolePage(response: Response, page: ConsolePage): void {
  response.set('Content-Security-Policy', CONSOLE_POLICY).type('html').send(consolePage(page));
}
