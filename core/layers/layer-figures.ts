/** The figures of layers, as entries of the table of figures: each part adds up to its `total`. */

const bytes = <const Csv extends string>(csv: Csv) => ({ fold: 'median', unit: 'B', csv }) as const;
const us = <const Csv extends string>(csv: Csv) => ({ fold: 'median', unit: 'us', csv }) as const;
const count = <const Csv extends string>(csv: Csv) => ({ fold: 'median', unit: 'count', csv }) as const;

const layeredBytes = (csv: string) => ({
  payload: bytes(`${csv}_payload`),
  socketio: bytes(`${csv}_socketio`),
  engineio: bytes(`${csv}_engineio`),
  websocket: bytes(`${csv}_websocket`),
  deflate: bytes(`${csv}_deflate`),
  http: bytes(`${csv}_http`),
  tls: bytes(`${csv}_tls`),
  unexplained: bytes(`${csv}_unexplained`),
  total: bytes(`${csv}_total`),
});

/** Of one message each way, of an idle minute, and of a delivery. */
export const layerFigures = {
  bytesIn: { fold: 'part', figures: layeredBytes('layers_bytes_in') },
  bytesOut: { fold: 'part', figures: layeredBytes('layers_bytes_out') },
  idleBytesIn: { fold: 'part', figures: layeredBytes('layers_idle_minute_bytes_in'), optional: true },
  idleBytesOut: { fold: 'part', figures: layeredBytes('layers_idle_minute_bytes_out'), optional: true },
  framesIn: count('layers_frames_in'),
  framesOut: count('layers_frames_out'),
  cpuUs: {
    fold: 'part',
    optional: true,
    figures: {
      application: us('layers_cpu_us_application'),
      socketio: us('layers_cpu_us_socketio'),
      socketioParser: us('layers_cpu_us_socketio_parser'),
      engineio: us('layers_cpu_us_engineio'),
      ws: us('layers_cpu_us_ws'),
      node: us('layers_cpu_us_node'),
      native: us('layers_cpu_us_native'),
      gc: us('layers_cpu_us_gc'),
      otherThreads: us('layers_cpu_us_other_threads'),
      unexplained: us('layers_cpu_us_unexplained'),
      total: us('layers_cpu_us_total'),
    },
  },
} as const;
