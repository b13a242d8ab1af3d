// The long line of the benchmark, as a process of its own, so that carrying bytes and measuring do not wait for each
// other. Started by `fork` with a port of this machine and the delay of one way in milliseconds; sends back the port
// to connect to instead, and ends with its parent.
import { startLink } from '../../tests/support/link.ts'

const [port, oneWayMs] = process.argv.slice(2).map(Number)
if (port === undefined || oneWayMs === undefined) throw new Error('expected a port and a delay')
process.once('disconnect', () => process.exit())
const link = await startLink({ port, oneWayMs })
process.send?.(link.port)
