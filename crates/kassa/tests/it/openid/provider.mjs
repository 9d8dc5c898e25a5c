// A real OpenID provider for the tests: `oidc-provider`, which is certified, with three people and two groups.
//
// Run `node provider.mjs FOLDER REDIRECT_URI`. FOLDER has `node_modules/oidc-provider`. The first line of the output is
// the issuer. Each later line is a code or a token that was given out, so that a test can look for it in a log.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

const [folder, redirectUri] = process.argv.slice(2);
const { default: Provider } = await import(`${folder}/node_modules/oidc-provider/lib/index.js`);

const PEOPLE = {
  ada: { email: 'ada@shop.example', email_verified: true, groups: ['staff', 'kassa-admins'] },
  bob: { email: 'bob@shop.example', email_verified: true, groups: ['kassa-support'] },
  eve: { email: 'eve@shop.example', email_verified: true, groups: ['visitors'] },
};

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'key-1' };
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'kassa', client_secret: 'the-secret-of-kassa', redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    cookies: { keys: ['of a test'] },
    findAccount: (_, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
    jwks: { keys: [newKey()] },
    pkce: { required: () => true },
  });
  provider.on('authorization_code.saved', (code) => console.log(code.jti));
  provider.on('access_token.saved', (token) => console.log(token.jti));
  server.on('request', provider.callback());
  console.log(issuer);
});
