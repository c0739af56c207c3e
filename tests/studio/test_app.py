"""The application: what every answer carries, and what is refused before any page sees it."""


def test_what_is_not_there_says_so_in_the_language_of_the_browser(visitor):
    answer = visitor.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert (
        visitor.get("/nowhere", headers={"accept": "application/json"}).json()["error"].startswith("There is nothing")
    )


def test_every_answer_keeps_browsers_from_running_what_is_not_ours(visitor):
    headers = visitor.get("/nowhere").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_a_nonce_is_used_once(visitor):
    policies = {visitor.get("/nowhere").headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_a_changing_request_without_our_token_is_refused(visitor):
    visitor.get("/nowhere")
    assert visitor.client.post("/nowhere", data={"csrf": "0" * 32}).status_code in (403, 404)
