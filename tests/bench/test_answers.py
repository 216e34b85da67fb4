from bench import answers


def test_answers_are_asked_for_in_waves_and_looked_at_in_the_end():
    result = answers.measure(answers.Load(answers=3, wave=2), tell=[].append)
    assert (result["answers"], result["complete"], result["http_429"]) == (3, 3, 0)
