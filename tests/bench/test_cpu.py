from bench import cpu


def test_the_bench_plays_the_whole_bot_and_reads_every_token_with_the_client_on_each_loop(monkeypatch):
    monkeypatch.setattr(cpu, "ROUNDS", 1)
    result = cpu.measure(cpu.Load(streams=2, rate=200, seconds=0.05, idle_s=0.2), tell=[].append)
    assert set(result) == {"patter_us", "ollama_us", "ollama_uvloop_us", "ratio"}
    assert all(figure > 0 for figure in result.values())
