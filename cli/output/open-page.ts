/** Opens a page with what the platform opens pages with. */

import { spawn } from 'node:child_process';

const openers: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** No shell reads the name of the page. Says on standard error where nothing opens it. */
export function openPage(address: URL): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, address.href], { detached: true, stdio: 'ignore' });
  child.on('error', ({ message }) => process.stderr.write(`bench: ${address.href} cannot be shown: ${message}\n`));
  child.unref();
}
