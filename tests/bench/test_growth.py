from bench import growth


def test_short_and_long_answers_are_played_and_compared():
    short = growth.Load(tokens=20, answers=4, begun_per_s=10, idle_s=0.2)
    long = growth.Load(tokens=2500, answers=1, begun_per_s=10, idle_s=0.2)
    result = growth.measure(short, long, tell=[].append)
    assert set(result) == {"short_us", "long_us", "ratio", "late_to_early"}
    assert result["short_us"] > result["long_us"] > 0
