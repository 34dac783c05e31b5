/** Several Socket.IO servers behind HAProxy, whose adapter publishes and subscribes by Redis. */

import { replicatedTarget } from './several/replicas.js';

export default replicatedTarget({
  protocol: 'socketio',
  library: 'socket.io',
  program: 'socketio-replica',
  adapter: '@socket.io/redis-adapter',
});
