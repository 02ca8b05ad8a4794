import { RECORD_PROGRAMS, recordedPrograms } from '../support/program-recorder.ts'
import type { Arena, Attack } from './attack.ts'
import { expectHealthy } from './swarm.ts'

const ALL = ['mg0', 'mg1', 'mg2', 'node1', 'node2']

/** Every program that the hosts start is recorded while tokens and unlock keys are used: none has one as an argument. */
export function secretAttacks({ cluster }: Arena): Attack[] {
  return [
    {
      title: 'join tokens and unlock keys under a watch of all processes',
      run: async () => {
        await cluster.succeed(['exec', 'mg0,node2', '--shell', RECORD_PROGRAMS])
        await cluster.succeed(['exec', 'node2', '--', 'true', 'SWMTKN-0-shown'])
        await cluster.succeed(['swarm', 'token', 'worker', '--rotate'])
        await cluster.succeed(['swarm', 'update', '--autolock', '--unlock-key-file', 'unlock.key'])
        await cluster.succeed(['swarm', 'update', '--no-autolock'])
        await cluster.succeed(['swarm', 'remove', 'node2', '--yes'])
        await cluster.succeed(['swarm', 'join', 'mg0', 'node2'])
        const programs = await recordedPrograms(cluster, 'mg0,node2')
        if (!programs.includes('SWMTKN-0-shown')) throw new Error('the watch saw nothing')
        const shown = programs.match(/^.*(SWMTKN-1|SWMKEY-1).*$/m)
        if (shown) throw new Error(`shown: ${shown[0].replace(/(SWM\w+-1).*/, '$1…')}`)
        await expectHealthy(cluster, ALL)
      },
    },
  ]
}
