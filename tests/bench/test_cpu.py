from bench import cpu


def test_the_bench_reads_every_token_with_each_client_on_each_loop(monkeypatch):
    monkeypatch.setattr(cpu, "ROUNDS", 1)
    told = []
    result = cpu.measure(cpu.Load(streams=2, rate=200, seconds=0.05), tell=told.append)
    assert set(result) == {"patter_us", "patter_uvloop_us", "ollama_us", "ollama_uvloop_us", "ratio"}
    assert all(figure > 0 for figure in result.values())
    assert len(told) == 5
