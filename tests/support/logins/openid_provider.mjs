// An OpenID provider: `node openid_provider.mjs SETTINGS`, with the path of a JSON file:
// {library, issuer, key, certificate, people, clients}. `people` is the path of a JSON file, read at
// each request for claims: {name: {claim: value}}. Prints its port.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { pathToFileURL } from "node:url";

const read = (file) => JSON.parse(readFileSync(file, "utf-8"));
const settings = read(process.argv[2]);
const { default: Provider } = await import(pathToFileURL(settings.library));
const prefix = new URL(settings.issuer).pathname;
const LIFETIME = { brief: 1, "brief-once": 1 }; // seconds, by client

const provider = new Provider(settings.issuer, {
  clients: settings.clients,
  claims: {
    openid: ["sub"],
    profile: ["preferred_username"],
    email: ["email"],
    groups: ["groups"],
  },
  scopes: ["openid", "profile", "email", "groups"],
  async findAccount(_, id) {
    const claims = read(settings.people)[id];
    return claims && { accountId: id, claims: () => ({ sub: id, preferred_username: id, ...claims }) };
  },
  async issueRefreshToken(_, client) {
    return client.grantTypeAllowed("refresh_token");
  },
  clockTolerance: 0,
  pkce: { required: (_, client) => client.clientId === "careful" },
  ttl: {
    AccessToken: (_, __, client) => LIFETIME[client.clientId] ?? 3600,
    IdToken: 3600, Interaction: 3600, Session: 3600, Grant: 3600, RefreshToken: 3600,
  },
  // the paths of Keycloak
  routes: {
    authorization: "/protocol/openid-connect/auth",
    token: "/protocol/openid-connect/token",
    userinfo: "/protocol/openid-connect/userinfo",
    end_session: "/protocol/openid-connect/logout",
    revocation: "/protocol/openid-connect/revoke",
  },
  features: { revocation: { enabled: true } },
});

const answer = provider.callback();
const options = { key: readFileSync(settings.key), cert: readFileSync(settings.certificate) };
const server = createServer(options, (request, response) => {
  if (request.url.startsWith(`${prefix}/`)) {
    request.originalUrl = request.url;
    request.baseUrl = prefix;
    request.url = request.url.slice(prefix.length);
  }
  return answer(request, response);
});
server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
