"""What is hidden and what is shown, with examples of both, and every leaf of the schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from z2jh_hub import masking
from z2jh_hub.chart import chart_files
from z2jh_hub.chart.schema import chart_schema
from z2jh_hub.check.classes import table
from z2jh_hub.cli import main
from z2jh_hub.config.errors import Problem
from z2jh_hub.masking import HIDDEN, Mask, is_secret, masked, without_secrets
from z2jh_hub.masking.paths import MARK
from z2jh_hub.masking.python import without_secrets_in

SECRET = "hunter2-Zq8rT"


def words(text: str) -> list[str]:
    return text.split()


HIDDEN_PATHS = words("""
hub.db.password  hub.cookieSecret  proxy.secretToken  imagePullSecret.password
proxy.https.manual.key  hub.services.grader.apiToken  hub.services.grader.api_token
hub.extraFiles.a.stringData  singleuser.extraFiles.a.binaryData  hub.db.pasword  hub.db.passwrd
proxy.secretTokn  hub.config.LDAPAuthenticator.bind_pass
hub.config.LDAPAuthenticator.lookup_dn_search_password
hub.config.GitHubOAuthenticator.client_secret  hub.config.CryptKeeper.keys
hub.config.ConfigurableHTTPProxy.auth_token  hub.config.JupyterHub.cookie_secret
hub.config.DummyAuthenticator.password  hub.config.LTIAuthenticator.consumers.moodle
hub.config.MyAuthenticator.secret  hub.config.MyAuthenticator.credentials.user  custom.db_pwd
custom.pwd  custom.passphrase  custom.signingKey  custom.accountKey  custom.azurestorageaccountkey
custom.storage.azurestorageaccountname_key  custom.apikey  custom.secrets.alice
custom.connectionString  custom.db_passwort  custom.ssh_key  custom.tls.key  hub.extraEnv.MYSQL_PWD
hub.extraEnv.GITHUB_TOKEN  hub.extraEnv.DB_PASSWORD.value
singleuser.extraEnv.AWS_SECRET_ACCESS_KEY  hub.extraEnv.SENTRY_DSN  hub.extraEnv.GITHUB_PAT
auth.github.clientSecret  auth.state.cryptoKey  auth.ldap.bind_password
hub.extraConfigMap.api_key  hub.extraFiles.a.data.api_token hub.templateVars.token
singleuser.profileList.0.kubespawner_override.environment.API_KEY
KubeSpawner.environment.DB_PASSWORD  OAuthenticator.client_secret  CryptKeeper.keys
JupyterHub.services.api_token  spec.template.metadata.annotations.checksum/secret
""")

SHOWN_PATHS = words("""
hub.db.url  hub.db.type  hub.existingSecret  imagePullSecret.username  imagePullSecrets
proxy.https.letsencrypt.contactEmail  proxy.https.letsencrypt.acmeServer  proxy.https.type
proxy.https.secret.name  proxy.https.secret.key  proxy.https.secret.crt  proxy.https.hosts
proxy.https.manual.cert  proxy.service.nodePorts.https  singleuser.extraEnv.JUPYTER_ENABLE_LAB
hub.tolerations.0.key  singleuser.extraTolerations.0.key  scheduling.userPods.tolerations.key
singleuser.extraNodeAffinity.required.0.matchExpressions.0.key  singleuser.image.pullSecrets
singleuser.storage.static.pvcName  singleuser.storage.dynamic.pvcNameTemplate
hub.serviceAccount.annotations.example.org/token  hub.extraFiles.a.data.NotebookApp.port
hub.extraFiles.a.mountPath
hub.config.GenericOAuthenticator.token_url  hub.config.OAuthenticator.username_claim
hub.config.OAuthenticator.claim_groups_key  hub.config.JupyterHub.cookie_max_age_days
hub.config.KubeSpawner.image_pull_secrets  hub.config.CILogonOAuthenticator.allowed_idps
hub.extraEnv.OAUTH_CALLBACK_URL  hub.extraEnv.TOKENIZERS_PARALLELISM  hub.extraEnv.KEYCLOAK_URL
hub.extraEnv.DB_PASSWORD.valueFrom.secretKeyRef.key
hub.extraEnv.DB_PASSWORD.valueFrom.secretKeyRef.name  custom.keySize  custom.secretName
custom.token_url  custom.https  custom.max_tokens  custom.bypass  custom.publicKey
custom.keyboard  custom.passwordFile  custom.monkey  hub.extraVolumes.0.secret.secretName
hub.extraVolumes.0.secret.items.0.key
hub.extraVolumes.0.projected.sources.0.serviceAccountToken.path
singleuser.profileList.0.kubespawner_override.tolerations.0.key  KubeSpawner.tolerations.key
KubeSpawner.pvc_name_template  ingress.tls.0.secretName
""")


@pytest.mark.parametrize("path", HIDDEN_PATHS)
def test_hidden(path: str) -> None:
    assert masked(path.split("."), SECRET) == HIDDEN
    assert SECRET not in "\n".join(Problem(path, "is wrong", given=SECRET).lines())


@pytest.mark.parametrize("path", SHOWN_PATHS)
def test_shown(path: str) -> None:
    path = path.replace("example.org/token", "example~org/token")
    assert masked([part.replace("~", ".") for part in path.split(".")], "ordinary") == "ordinary"


TEXTS = [
    "postgresql://hub:{}@db:5432/hub",
    "postgresql://hub:p@ss/{}@db/hub",
    "mysql+pymysql://:{}@db/hub",
    "https://{}Abcdefgh@github.com/o/r",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={}==;EndpointSuffix=core.windows.net",
    "Server=db;User Id=sa;Password={};",
    "host=db user=hub password={}",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n{}",
    "Authorization: Bearer {}abcdefgh",
    'curl -H "Authorization: token {}" https://api.example.org',
    "https://api.example.org/?access_token={}&page=1",
    "mc alias set --secret-key {} x",
    '{{"auths": {{"r": {{"password": "{}"}}}}}}',
    'export API_TOKEN="{}"',
    "api_key: {}",
    'os.environ.setdefault("API_TOKEN", "{}")',
    'json.loads("{{\\"password\\": \\"{}\\"}}")',
]


@pytest.mark.parametrize("text", TEXTS)
def test_hidden_in_text(text: str) -> None:
    assert SECRET not in without_secrets(text.format(SECRET))


@pytest.mark.parametrize(
    "text",
    [
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "glpat-0123456789abcdefghij",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    ],
)
def test_tokens_are_hidden_under_any_name(text: str) -> None:
    assert masked(("custom", "thing"), f"x {text} y") == f"x {HIDDEN} y"


@pytest.mark.parametrize(
    "text",
    [
        "https://hub.example.org:8443/user/alice",
        "quay.io/jupyterhub/k8s-hub:4.2.0@sha256:0123456789abcdef",
        "token_url = https://login.example.org/token",
        "/srv/secret/key.pem",
        "admin@example.org",
    ],
)
def test_shown_in_text(text: str) -> None:
    assert without_secrets(text) == text


PYTHON = [
    'c.GitHubOAuthenticator.client_secret = "{}"',
    'c["GitHubOAuthenticator"]["client_secret"] = "{}"',
    'c.KubeSpawner.environment.update({{"DB_PASSWORD": "{}"}})',
    'c.KubeSpawner.environment["DB_PASSWORD"] = "{}"',
    'password = (\n    "{}"\n)',
    'token = "a" + "{}"',
    'user, password = "u", "{}"',
    'login(password="{}")',
    'def login(user, password="{}"): ...',
    'if password == "{}": ...',
    'token = f"{}"',
    'token = b"{}"',
    'token = """\n{}\n"""',
    'secret = os.environ.get("HUB_SECRET", "{}")',
    'os.environ["API_KEY"] = "{}"',
    'V1EnvVar(name="API_KEY", value="{}")',
    'env = [{{"name": "API_KEY", "value": "{}"}}]',
    "# password: {}",
    'c.X.y = base64.b64decode("{}")',
    'c.X.y = bytes.fromhex("{}")',
    'connect("host=db user=hub password={}")',
    'get(url, auth=("hub", "{}"))',
    'auth = ("hub", "{}")',
    'engine = create_engine("postgresql://u:{}@db/x")',
    'c.CryptKeeper.keys = ["{}"]',
    'password = "{}"  syntax error',
]


@pytest.mark.parametrize("code", PYTHON)
def test_hidden_in_python(code: str) -> None:
    code = f"import os\n{code.format(SECRET)}\nx = 1"
    masked_code = without_secrets_in(code)
    assert SECRET not in masked_code
    assert masked_code.count("\n") == code.count("\n")
    assert masked_code.startswith("import os\n")
    assert masked_code.endswith("\nx = 1")


@pytest.mark.parametrize(
    "code",
    [
        'c.OAuthenticator.token_url = "https://example.org/token"',
        'secret = get_secret_value("hub.password")',
        'token = os.environ["TOKEN"]',
        't = [{"key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user"}]',
        'v = {"name": "x", "secret": {"secretName": "mine"}}',
        'c.KubeSpawner.environment["JUPYTER_ENABLE_LAB"] = "yes"',
        'c.X.help = "the token: see the documentation"',
        'text = """\npassword=1 is an example\n"""',
    ],
)
def test_shown_in_python(code: str) -> None:
    assert without_secrets_in(code) == code


@pytest.mark.parametrize(
    "text", ["a\x1b[2Jb", "a\x9b2Jb", "a\x1b]52;c;aGk=\x07b", "a\rb", "a\u202eb", "a\x00b"]
)
def test_control_characters_are_escaped(text: str) -> None:
    assert masking.printable(text).isprintable()
    assert masking.printable("a\tb\nä€") == "a\tb\nä€"
    assert masking.one_line(f"x\n::error::{text}").splitlines() == [
        f"x ::error::{masking.printable(text)}"
    ]


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif"])
def test_check_escapes_control_characters_of_a_file(form: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text('hub:\n  "a\\e]0;title\\a\\n::stop-commands::x": "\\e[8m"\n')
    output = CliRunner().invoke(main, ["check", "--static", str(file), "--format", form]).output
    assert "unknown" in output
    assert output.replace("\n", "").isprintable()
    assert not any(line.strip().startswith("::stop") for line in output.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        '{{password: "{}',
        "{{password: '{}",
        "{{password: {}",
        '{{"password": "{}", x: [1',
        "{{type: x, password: {} y: 1}}",
        "{{password: {}: y}}",
        '\n    password: "{}',
        "\n    password: >-\n      a\n   {}",
        '\n    ? password\n    : "{}',
        '\n    pass word: "{}',
        '\n    password: "a\n    {}" x',
        "\n    password: |\n      a\n   {}: x",
        "\n    password: [\n  {},\n  b: }}\n",
        '\n    password: "{}" y',
        "\n    password: *{}",
    ],
)
def test_line_of_invalid_yaml_is_shown_without_secrets(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"hub:\n  db: {text.format(SECRET)}\n")
    for form in ("text", "json", "github", "sarif"):
        output = CliRunner().invoke(main, ["check", "--static", str(file), "--format", form]).output
        assert "yaml" in output
        assert SECRET not in output


def leaves(path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every key that the schema describes."""
    schema = chart_schema().at(path)
    children = dict(schema.get("properties", {}))
    for pattern, inner in schema.get("patternProperties", {}).items():
        children["NAME" if pattern == ".*" else "Class"] = inner
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) and "properties" in extra:
        children["NAME"] = extra
    if not children:
        yield path, schema
    for name in children:
        if len(path) < 8:
            known = name in schema.get("properties", {}) or isinstance(extra, dict)
            yield from leaves((*path, name)) if known else of_pattern((*path, name), children[name])


def of_pattern(
    path: tuple[str, ...], schema: dict[str, Any]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for name, inner in schema.get("properties", {}).items():
        yield (*path, name), inner


SECRETS_OF_THE_SCHEMA = {
    "hub.cookieSecret", "hub.db.password", "hub.extraFiles.NAME.binaryData",
    "hub.extraFiles.NAME.stringData", "hub.services.NAME.apiToken",
    "hub.services.NAME.api_token", "imagePullSecret.password", "proxy.https.manual.key",
    "proxy.secretToken", "singleuser.extraFiles.NAME.binaryData",
    "singleuser.extraFiles.NAME.stringData",
}  # fmt: skip


def test_every_secret_of_the_schema_is_listed_here() -> None:
    """A new secret is marked in the schema and named above; nothing else described is hidden."""
    every = dict(leaves())
    assert len(every) > 300
    assert {".".join(p) for p in every if is_secret(p)} == SECRETS_OF_THE_SCHEMA
    assert {".".join(p) for p, schema in every.items() if schema.get(MARK)} == SECRETS_OF_THE_SCHEMA


def test_compiled_schema_keeps_secret_marks() -> None:
    assert f'"{MARK}":true' in chart_files.read("values.schema.json")


def test_no_default_of_the_chart_is_hidden() -> None:
    defaults = yaml.safe_load(chart_files.read("values.yaml"))
    assert HIDDEN not in json.dumps(masked((), defaults))


HIDDEN_TRAITS = {
    "client_secret", "password", "auth_token", "cookie_secret", "keys", "api_tokens",
    "service_tokens", "admin_password", "user_password", "consumers", "github_client_secret",
    "lookup_dn_search_password", "password_groups", "proxy_auth_token", "secret_key", "api_token",
    "recaptcha_key", "recaptcha_secret",
    # hidden without need
    "check_common_password", "check_passwords_on_startup", "own_profile_keys",
}  # fmt: skip


def test_traits_that_are_hidden_are_listed_here() -> None:
    hidden = {t for name, cls in table()["classes"].items() for t in cls["traits"]
             if is_secret((name, t))}  # fmt: skip
    assert {"client_secret", "password", "cookie_secret", "auth_token"} <= hidden
    assert hidden <= HIDDEN_TRAITS


def test_secrets_that_are_keys_are_hidden() -> None:
    path = ("hub", "config", "JupyterHub", "api_tokens")
    assert SECRET not in str(masked(path, {SECRET: "alice"}))
    assert masking.name_of((*path, SECRET)) == f"hub.config.JupyterHub.api_tokens.{HIDDEN}"


def test_names_of_variables_in_lists_decide() -> None:
    variables = [{"name": "DB_PASSWORD", "value": SECRET}, {"name": "LAB", "value": "yes"}]
    shown = masked(("hub", "extraEnv"), variables)
    assert shown == [{"name": "DB_PASSWORD", "value": HIDDEN}, {"name": "LAB", "value": "yes"}]


def test_items_after_a_flag_are_hidden() -> None:
    assert masked(("hub", "args"), ["--token", SECRET, "--port", "1"]) == [
        "--token", HIDDEN, "--port", "1",
    ]  # fmt: skip


def test_known_secrets_are_hidden_under_other_names() -> None:
    mask = Mask({"hub": {"db": {"password": SECRET}}})
    assert SECRET not in mask.text(f"cannot log in with {SECRET}!")
    assert mask.value(("pod", "args"), [f"-p{SECRET}"]) == [f"-p{HIDDEN}"]


VALUES = f"""
# old password: {SECRET}
hub:
  db: {{type: postgres, url: "postgresql://hub:{SECRET}@db/hub"}}
  services:
    grader: {{apiToken: {SECRET}}}
  extraEnv:
    - {{name: DB_PWD, value: {SECRET}}}
  config:
    JupyterHub: {{authenticator_class: dummy, api_tokens: {{{SECRET}: ada}}}}
    DummyAuthenticator: {{password: {SECRET}}}
  extraConfig:
    a: |
      c.KubeSpawner.environment["BIND_PASS"] = "{SECRET}"
      c.KubeSpawner.args = ["--x", "{SECRET}"]
      c.KubeSpawner.nothing_like_it = "{SECRET}"
      def hook(spawner, password="{SECRET}"): ...
      c.KubeSpawner.pre_spawn_hook = hook
custom:
  signingKey: {SECRET}
  known: {SECRET}
singleuser:
  extraEnv: {{JUPYTER_ENABLE_LAB: "yes"}}
  extraTolerations: [{{key: gpu, operator: Exists}}]
"""
MISTAKE = f"prePuller: {{hok: {{secret: {SECRET}}}}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(VALUES)
    (tmp_path / "other.yaml").write_text(VALUES.replace(SECRET, f"{SECRET[::-1]}"))
    return tmp_path / "config.yaml"


@pytest.mark.parametrize(
    "command",
    [
        ["show"], ["show", "--format", "json"], ["show", "--traits"],
        ["show", "--traits", "--format", "json"], ["preview", "--user", "ada"],
        ["check"], ["check", "--format", "json"], ["check", "--format", "sarif"],
        ["check", "--format", "github"], ["migrate", "--diff"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_command_prints_a_secret(command: list[str], file: Path) -> None:
    if command[0] == "check":
        file.write_text(VALUES + MISTAKE)
    with_file = [*command, str(file)] if command[0] == "migrate" else [*command, "-f", str(file)]
    result = CliRunner().invoke(main, with_file)
    assert SECRET not in result.output, result.output
    assert result.output


@pytest.mark.parametrize("form", ["text", "json"])
def test_diff_reports_a_changed_secret_without_its_value(form: str, file: Path) -> None:
    other = file.with_name("other.yaml")
    result = CliRunner().invoke(main, ["diff", str(file), str(other), "--format", form])
    assert "custom.signingKey" in result.output, result.output
    assert "hub.db.url" in result.output
    assert "pre_spawn_hook" in result.output
    assert SECRET not in result.output
    assert SECRET[::-1] not in result.output


def test_diff_of_equal_secrets_is_empty(file: Path) -> None:
    result = CliRunner().invoke(main, ["diff", str(file), str(file)])
    assert result.output.startswith("No differences."), result.output


def test_log_of_a_hub_that_cannot_start_has_no_secret(tmp_path: Path) -> None:
    """The traceback quotes the snippet's line and the message, which may both hold a secret."""
    secret = tmp_path / "secret"
    secret.mkdir()
    snippet = 'password = get_config("custom.dbPassword")\n'
    snippet += f'raise RuntimeError("no " + password, token := "{SECRET}2")'
    values = yaml.safe_load(chart_files.read("values.yaml"))
    values["custom"] = {"dbPassword": SECRET}
    values["hub"]["extraConfig"] = {"a": snippet}
    (secret / "values.yaml").write_text(yaml.safe_dump(values))
    code = "from traitlets.config import Config; from z2jh_hub.configure import configure"
    result = subprocess.run(
        [sys.executable, "-c", f"{code}; configure(Config())"],
        env={**os.environ, "Z2JH_CONFIG_ROOT": str(tmp_path), "POD_NAMESPACE": "default"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert "RuntimeError" in result.stderr
    assert HIDDEN in result.stderr
    assert SECRET not in result.stdout + result.stderr
