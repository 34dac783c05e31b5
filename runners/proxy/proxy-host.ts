/** Main module of the proxy process: hosts the proxy of one trial and ends with its parent. */

import { joinParent } from '../machine/child-process.js';
import type { FromProxy, ProxyRequest, ToProxy } from './proxy-message.js';
import { TcpProxy } from './tcp-proxy.js';

const { request, tell, hear } = joinParent<ProxyRequest, ToProxy, FromProxy>();
const proxy = new TcpProxy(request.targetPort, request.blocking);

hear((message) => {
  if (message.type === 'retarget') proxy.targetPort = message.port;
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
