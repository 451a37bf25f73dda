"""Lead files: what Excel writes, in Chinese or English, becomes what the API would be sent."""

from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from cli.lead_file import UnreadableFile, read_lead_file

CHINA = ZoneInfo("Asia/Shanghai")
ENGLISH = "source,external_id,occurred_at,name,phone,model,purchase_window_days,consent_purposes\n"


@pytest.fixture
def written(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "leads.csv"
        path.write_bytes(text.encode(encoding))
        return read_lead_file(path)

    return write


def test_a_row_becomes_the_body_of_the_intake_api(written):
    file = written(
        ENGLISH
        + "dongchedi,1,2026-11-23T10:15:00+08:00,李雷,13800138000,tayron,7,contact;marketing\n"
    )

    assert file.rows[0].lead(CHINA) == {
        "source": "dongchedi",
        "external_id": "1",
        "occurred_at": "2026-11-23T10:15:00+08:00",
        "customer": {"name": "李雷", "phone": "13800138000", "city": None},
        "intent": {
            "model": "tayron",
            "dealer_code": None,
            "purchase_window_days": 7,
            "message": None,
        },
        "consent": {
            "purposes": ["contact", "marketing"],
            "version": None,
            "obtained_at": None,
        },
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_and_purposes_are_understood_in_excels_encodings(written, encoding):
    file = written("来源,线索编号,手机号,授权用途\n车展,7,13800138000,联系；营销\n", encoding)

    lead = file.rows[0].lead(CHINA)
    assert (lead["source"], lead["external_id"]) == ("车展", "7")
    assert lead["customer"]["phone"] == "13800138000"
    assert lead["consent"]["purposes"] == ["contact", "marketing"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23 10:15", "2026-11-23T10:15:00+08:00"),
        ("2026/1/3 9:05", "2026-01-03T09:05:00+08:00"),
        ("2026/1/3", "2026-01-03T00:00:00+08:00"),
        ("2026-11-23T10:15:00Z", "2026-11-23T10:15:00+00:00"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_without_offset_is_local_and_nonsense_is_left_to_be_refused(written, text, moment):
    file = written(f"source,external_id,occurred_at\na,1,{text}\n")

    assert file.rows[0].lead(CHINA)["occurred_at"] == moment


def test_semicolons_and_tabs_separate_too(written):
    assert written("source;external_id\na;1\n").rows[0].cells["external_id"] == "1"
    assert written("source\texternal_id\na\t1\n").rows[0].cells["external_id"] == "1"


def test_rows_keep_the_line_number_a_person_sees(written):
    file = written('source,external_id,message\na,1,"two\nlines"\n\nb,2,x\n')

    assert [(row.number, row.cells["external_id"]) for row in file.rows] == [(3, "1"), (5, "2")]


def test_a_workbook_reads_like_the_same_csv(tmp_path):
    path = tmp_path / "leads.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["source", "external_id", "phone", "购车天数"])
        sheet.write_row(1, 0, ["show", 17, 13800138000, 7])

    lead = read_lead_file(path).rows[0].lead(CHINA)

    assert lead["external_id"] == "17"
    assert lead["customer"]["phone"] == "13800138000"
    assert lead["intent"]["purchase_window_days"] == 7


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"name,phone\nx,1\n", "source"),
        (b"\xff\xff\xff\xff", "UTF-8"),
    ],
)
def test_a_file_that_is_no_table_of_leads_is_refused_with_the_reason(tmp_path, content, reason):
    path = tmp_path / "leads.csv"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile, match=reason):
        read_lead_file(path)


def test_a_broken_workbook_and_a_missing_file_are_refused(tmp_path):
    broken = tmp_path / "leads.xlsx"
    broken.write_bytes(b"PK nothing")

    for path in (broken, tmp_path / "absent.csv"):
        with pytest.raises(UnreadableFile):
            read_lead_file(path)
