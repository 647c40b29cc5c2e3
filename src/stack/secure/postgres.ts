import { guardedPostgres } from '../postgres/postgres'
import { database, user as owner, superuser } from '../postgres/roles'
import { probePostgres } from '../probes'
import type { Service } from '../service'
import { appUser, readSecure, secretOf } from './folder'
import { openPostgres } from './tls-probes'

const rules = [
  '# Written by weir. The socket is in the folder of the data, which its owner alone may enter.',
  'local      all  all                             trust',
  `hostssl    all  ${superuser}  127.0.0.1/32  reject`,
  'hostssl    all  all             127.0.0.1/32  scram-sha-256',
  'hostnossl  all  all             all           reject',
  '',
].join('\n')

/** The owner of the database makes tables; the user of a topology reads and writes the rows of all that are made, and no more. */
const statements = (home: string) => ({
  postgres: [
    `ALTER ROLE ${owner} PASSWORD '${secretOf(home, 'owner-password')}';`,
    `CREATE ROLE ${appUser} LOGIN PASSWORD '${secretOf(home, 'postgres-password')}';`,
  ],
  [database]: [
    `GRANT USAGE ON SCHEMA public TO ${appUser};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${appUser};`,
  ],
})

/** Postgres by TLS alone, with passwords (SCRAM). */
export const securedPostgres = (home: string): Service =>
  guardedPostgres({
    access: () => ({ rules, statements: statements(home) }),
    settings: ['ssl=on', 'ssl_cert_file=server.crt', 'ssl_key_file=server.key', 'ssl_min_protocol_version=TLSv1.2'],
    files: () => ({ 'server.crt': readSecure(home, 'server.pem'), 'server.key': readSecure(home, 'server.key') }),
    probe: ({ port }) => probePostgres(port, appUser, database, openPostgres(home)),
  })
