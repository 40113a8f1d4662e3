"""The sandbox driven by curl, exactly as a person types it into a shell."""

import csv
import json
import os
import subprocess
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from listener import Listener
from talk import MESSAGES, wav

SIGNED = '-H "Authorization: Bearer $TOKEN"'
CONTENTS = '"$BASE/content/rest/contents"'
MAILINGS = '"$BASE/rest/mailings"'


@pytest.fixture
def sh(player, tool, tmp_path):
    """Run a line in a shell that knows where the sandbox is; return what it says."""
    tool("curl")
    (tmp_path / "relance.wav").write_bytes(wav())
    known = {
        "PATH": os.environ["PATH"],
        "BASE": player.base.rstrip("/"),
        "ID": player.account["client_id"],
        "SECRET": player.account["client_secret"],
        "TOKEN": player.token,
        "NO_PROXY": "*",
    }

    def run(line, **more):
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"],
            env={**known, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    return run


@pytest.fixture
def two(player, words):
    """Create two contents under one tag; return it and their ids."""
    tag = words("curl")
    fields = [("name", "curl"), ("tags", tag)]
    return tag, [player.upload(fields=fields).ids[0] for _ in "ab"]


@pytest.mark.contract("R1")
def test_curl_gets_a_token_urlencoded(sh):
    told = json.loads(
        sh(
            'curl -sS "$BASE/token" -d grant_type=client_credentials '
            '-d client_id="$ID" --data-urlencode client_secret="$SECRET"'
        )
    )
    assert (told["token_type"], told["expires_in"]) == ("bearer", 3_600)


@pytest.mark.contract("R1")
def test_curl_gets_a_token_multipart(sh):
    told = json.loads(
        sh(
            'curl -sS "$BASE/token" -F grant_type=client_credentials '
            '-F client_id="$ID" -F client_secret="$SECRET"'
        )
    )
    assert told["access_token"]


@pytest.mark.contract("R1", "R7")
def test_curl_signs_in_with_basic_and_pipes_its_token_on(sh, two):
    told = sh(
        'TOKEN=$(curl -sS -u "$ID:$SECRET" "$BASE/token" '
        "-d grant_type=client_credentials "
        """| sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/') && """
        f"curl -sS -G {SIGNED} {CONTENTS} -d tags={two[0]}"
    )
    assert json.loads(told)["size"] == 2


@pytest.mark.contract("R9")
def test_curl_gets_with_a_form_body(sh, two):
    told = sh(f"curl -sS -X GET {SIGNED} {CONTENTS} -d id={two[1][0]} -d properties=id")
    assert json.loads(told)["list"] == [{"id": two[1][0]}]


@pytest.mark.contract("R8")
def test_curl_posts_action_read(sh, two):
    line = f'curl -sS {SIGNED} "$BASE/content/rest/contents?action=read" -d tags='
    assert json.loads(sh(line + two[0]))["total"] == 2


@pytest.mark.contract("R10")
def test_curl_sends_lists_as_php_does(sh, two):
    _, (one, other) = two
    globbing = f'"$BASE/content/rest/contents?id[0]={one}&id[1]={other}"'
    for line in (
        f"curl -sS -g {SIGNED} {globbing}",
        f'curl -sS -X GET {SIGNED} {CONTENTS} -d "id[0]={one}&id[1]={other}"',
        f"curl -sS -X GET {SIGNED} {CONTENTS} -d 'id[]={one}' -d 'id[]={other}'",
        f'curl -sS {SIGNED} "$BASE/content/rest/contents/?id={one},{other}"',
    ):
        assert [row["id"] for row in json.loads(sh(line))["list"]] == [one, other]


@pytest.mark.contract("R23", "R26")
def test_curl_asks_for_xml(sh, two):
    line = f'curl -sSf {SIGNED} "$BASE/content/rest/contents.xml?tags={two[0]}"'
    root = ET.fromstring(sh(line))
    assert [element.text for element in root.iter("id")] == two[1]
    line = f'curl -sSf {SIGNED} -H "Accept: application/xml" {CONTENTS}'
    assert ET.fromstring(sh(line)).tag == root.tag


@pytest.mark.contract("R23", "R26")
def test_curl_asks_for_csv(sh, two):
    text = sh(f'curl -sSf {SIGNED} "$BASE/content/rest/contents.csv?tags={two[0]}"')
    header, *rows = csv.reader(text.splitlines())
    column = header.index("id")
    assert [row[column] for row in rows] == two[1]


@pytest.mark.contract("R25", "R7")
def test_curl_asks_for_a_script(sh, two):
    path = f"content/rest/contents.js?callback=f&tags={two[0]}&properties=id"
    text = sh(f'curl -sSf {SIGNED} "$BASE/{path}"')
    assert text.startswith('/**/f({"size":2,')
    assert sh(f'curl -sSf "$BASE/{path}&access_token=$TOKEN"') == text


@pytest.mark.contract("R20", "R21")
def test_curl_puts_metadata(sh, player, two):
    tag, (one, _) = two
    meta = json.dumps({"name": "renamed by curl", "tags": [tag]})
    line = f"curl -sS -X PUT {SIGNED} {CONTENTS} -d id={one} -d 'metaData={meta}'"
    assert sh(line) == '{"count":1}'
    assert player.get("/content/rest/contents", {"id": one}).rows[0]["name"] == (
        "renamed by curl"
    )
    quoted = "metaData='" + meta + "'"  # as the vendor's document prints it
    line = f'curl -sS -X PUT {SIGNED} {CONTENTS} -d id={one} -d "$META"'
    assert sh(line, META=quoted) == '{"count":1}'
    whole = json.dumps({"id": one, "metaData": meta})
    line = (
        f"curl -sS -X PUT {SIGNED} {CONTENTS} "
        "-H 'Content-Type: application/json' -d \"$WHOLE\""
    )
    assert sh(line, WHOLE=whole) == '{"count":1}'


@pytest.mark.contract("R27", "R12", "R31")
def test_curl_uploads_a_file_and_downloads_what_is_heard(sh):
    told = json.loads(
        sh(
            f"curl -sS {SIGNED} {CONTENTS} -F name=Relance -F tags=mars,curl "
            "-F contentFile=@relance.wav"
        )
    )
    (row,) = told["list"]
    assert (told["httpStatusCode"], row["filename"]) == (201, "relance.wav")
    assert row["tags"] == ["mars", "curl"]
    heard = sh('curl -sSf "$LINK" | wc -c', LINK=row["url_encoded"])
    assert int(heard) == 80_000


@pytest.mark.contract("R12", "R27")
def test_curl_waits_for_100_continue_on_a_large_upload(sh):
    said = sh(
        f"curl -sS -v {SIGNED} -H 'Expect: 100-continue' {CONTENTS} "
        "-F name=large -F 'contentFile=@relance.wav;type=audio/x-unheard-of' "
        "-o answer.json 2>&1 && cat answer.json"
    )
    assert "HTTP/1.1 100 Continue" in said
    assert '"mimeType":"audio/wav"' in said


@pytest.mark.contract("R20")
def test_curl_deletes_and_is_told_when_nothing_matched(sh, two):
    line = f"curl -sS -w ' %{{http_code}}' -X DELETE {SIGNED} {CONTENTS} -d id="
    assert sh(line + two[1][0]) == '{"count":1} 200'
    assert sh(line + two[1][0]) == " 304"
    without = f"curl -sS -o /dev/null -w '%{{http_code}}' -X DELETE {SIGNED} {CONTENTS}"
    assert sh(without) == "417"


@pytest.mark.contract("R7", "R4")
def test_curl_without_a_token_is_told_in_46_bytes(sh):
    assert (
        sh(f"curl -sS {CONTENTS}") == '{"status":401,"message":"Authenticate failed"}'
    )
    assert sh(f"curl -sS -o /dev/null -w '%{{size_download}}' {CONTENTS}") == "46"


@pytest.mark.contract("R11", "R32", "R38", "R39")
def test_curl_orders_calls_and_the_ping_brings_their_ids(sh, player):
    contacts = '[{"recipient":"+33612345678"},{"recipient":"06 12 34 56 79"}]'
    with Listener() as listener:
        told = sh(
            f"curl -sS {SIGNED} {MAILINGS} -d name=curl -d media=VOICE -d type=wav "
            '-d link=https://files.example/a.wav --data-urlencode "pingUrl=$PING" '
            '--data-urlencode "contacts=$CONTACTS"',
            PING=f"{listener.base}/ping?id=#id#",
            CONTACTS=contacts,
        )
        (row,) = json.loads(told)["list"]
        assert row["stats"]["total"] == 2
        asked = {"mailingId": row["id"], "properties": "id", "sort": "id ASC"}
        expected = set(player.get(MESSAGES, asked).ids)

        def ids(heard):
            return {parse_qs(urlsplit(one.target).query)["id"][0] for one in heard}

        heard = listener.wait_for(lambda all_: ids(all_) >= expected)
    assert ids(heard) == expected
    assert len(expected) == 2


@pytest.mark.contract("R42", "R35")
def test_curl_reads_the_statistics_of_a_campaign(sh, player, words):
    name = words("campaign")
    player.play(name=name)
    line = f"curl -sS -G {SIGNED} {MAILINGS} -d name={name} -d properties=id,stats"
    (row,) = json.loads(sh(line))["list"]
    assert sorted(row) == ["id", "stats"]
    assert row["stats"]["total"] == 1
