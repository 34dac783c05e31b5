/** A server that does not start. */

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  async start() {
    throw new Error('I would rather not');
  },
};
