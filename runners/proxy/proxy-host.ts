/** Main module of the proxy process: hosts the proxy of one trial and ends with its parent. */

import type { FromProxy, ProxyRequest, ToProxy } from './proxy-message.js';
import { TcpProxy } from './tcp-proxy.js';

// Unheard, a failed send to a parent that has just gone would end the process with an error.
const tell = (message: FromProxy): void => void process.send?.(message, undefined, undefined, () => {});

// A Ctrl-C in the terminal reaches the whole process group; the parent decides when this process ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

const request = JSON.parse(process.argv[2] ?? '') as ProxyRequest;
const proxy = new TcpProxy(request.targetPort, request.blocking);

process.on('message', (message: ToProxy) => {
  if (message.type === 'stop') process.exit(0);
  else if (message.type === 'retarget') proxy.retarget(message.port);
  else tell({ type: 'cut', connections: proxy.cutAll() });
});

try {
  const port = await proxy.listen(request.host, 0);
  for (const address of request.alsoListen) await proxy.listen(address, port);
  tell({ type: 'listening', port });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  tell({ type: 'failed', message: `the proxy could not listen: ${reason}` });
}
