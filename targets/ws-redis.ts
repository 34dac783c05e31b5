/** Several ws servers behind HAProxy that publish and subscribe by Redis on their own, as applications without Socket.IO do. */

import { replicatedTarget } from './several/replicas.js';

export default replicatedTarget({
  protocol: 'websocket',
  library: 'ws',
  program: 'ws-replica',
  adapter: 'ioredis',
});
