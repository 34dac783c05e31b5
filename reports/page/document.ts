/**
 * Writes a page as one HTML document that needs nothing else. Its Content-Security-Policy lets run and style only what is
 * in it, by hash, and lets nothing be loaded or sent; a page that follows a run may ask where it came from for events.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { htmlText, pageJson } from '../drawing/escaping.js';
import type { Page, Section } from './page.js';
import { pageScript } from './script.js';
import { style } from './style.js';

const require = createRequire(import.meta.url);

/** Of the package uPlot, which draws lines: read when a page is written. */
const plotFile = (name: string): string => readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8');

/** @param events where a page that follows a run gets its events, a path on the server that it comes from. */
export function pageDocument(page: Page, events?: string): string {
  return htmlDocument({
    title: page.title,
    styles: [plotFile('uPlot.min.css'), style],
    scripts: [plotFile('uPlot.iife.min.js'), pageScript()],
    data: dataJson(page),
    events,
    isDrawn: 'draws its charts and tables',
  });
}

export interface Parts {
  readonly title: string;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  /** JSON that a script element may hold. */
  readonly data: string;
  /** Where the page gets its events; undefined: it is told nothing, and may ask for nothing. */
  readonly events: string | undefined;
  /** What the script does, for who has none. */
  readonly isDrawn: string;
}

export function htmlDocument({ title, styles, scripts, data, events, isDrawn }: Parts): string {
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${styles.map(hashOf).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    ...(events === undefined ? [] : ["connect-src 'self'"]),
  ];
  const followed = events === undefined ? '' : ` data-events="${htmlText(events)}"`;
  return `${[
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${htmlText(title, 200)}</title>`,
    ...styles.map((text) => `<style>${text}</style>`),
    '</head>',
    '<body>',
    `<h1>${htmlText(title)}</h1>`,
    `<noscript>This page ${isDrawn} by the script in it, which needs JavaScript.</noscript>`,
    `<script type="application/json" id="data"${followed}>${data}</script>`,
    ...scripts.map((text) => `<script>${text}</script>`),
    '</body>',
    '</html>',
  ].join('\n')}\n`;
}

/** What the script of a page draws: JSON on one line. */
export function dataJson(data: Page | Section): string {
  return pageJson(data, ['download']);
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
