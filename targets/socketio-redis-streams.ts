/** Several Socket.IO servers behind HAProxy, whose adapter writes to a stream of Redis and reads it. */

import { replicatedTarget } from './several/replicas.js';

export default replicatedTarget({
  protocol: 'socketio',
  library: 'socket.io',
  program: 'socketio-replica',
  adapter: '@socket.io/redis-streams-adapter',
});
