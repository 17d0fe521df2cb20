"""What an engine gets to compute on."""

import os
import sys
from pathlib import Path
from threading import Thread, get_native_id

import pytest

from models import device
from models.errors import DeviceUnavailable


def test_auto_takes_the_gpu_where_there_is_one() -> None:
    assert device.resolve("auto", True, "") == "cuda"
    assert device.resolve("auto", False, "") == "cpu"


def test_the_cpu_is_used_when_asked_for_even_beside_a_gpu() -> None:
    assert device.resolve("cpu", True, "") == "cpu"


def test_cuda_is_an_error_that_says_what_to_do_where_it_is_not() -> None:
    assert device.resolve("cuda", True, "") == "cuda"
    with pytest.raises(DeviceUnavailable, match="rebuild"):
        device.resolve("cuda", False, "rebuild it")


@pytest.mark.parametrize("threads", [1, 2, 3, 4, 8, 64])
def test_the_language_model_may_take_all_threads_and_the_recognizer_half(threads: int) -> None:
    shared = device.share(threads)
    assert shared.language_model == threads
    assert shared.recognizer == max(1, threads // 2)
    assert 1 <= shared.voice <= 2
    assert 2 <= shared.voice_workers <= 4


def test_cores_that_others_compute_on_are_not_left() -> None:
    occupied = device.Occupied()
    assert occupied.left(4) == 4
    with occupied.by(1), occupied.by(2):
        assert occupied.left(4) == 1
    assert occupied.left(4) == 4


def test_one_core_is_always_left() -> None:
    occupied = device.Occupied()
    with occupied.by(2), occupied.by(1):
        assert occupied.left(2) == 1


def test_an_engine_that_fails_occupies_no_core_any_more() -> None:
    occupied = device.Occupied()
    with pytest.raises(ZeroDivisionError), occupied.by(2):
        1 / 0  # noqa: B018
    assert occupied.left(2) == 2


def test_engines_on_several_threads_are_all_counted() -> None:
    occupied = device.Occupied()

    def often() -> None:
        for _ in range(2000):
            with occupied.by(1):
                pass

    threads = [Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert occupied.left(3) == 3


def test_as_many_threads_as_this_process_has_cores_are_shared_by_default() -> None:
    assert 1 <= device.cores() <= len(os.sched_getaffinity(0))
    assert device.share() == device.share(device.cores())


def test_the_tightest_control_group_on_the_way_up_limits_the_cores(tmp_path: Path) -> None:
    group = tmp_path / "system.slice" / "vivavoce.service"
    group.mkdir(parents=True)
    assert device.quota(tmp_path, "system.slice/vivavoce.service") == float("inf")
    (group / "cpu.max").write_text("300000 100000\n")
    (tmp_path / "system.slice" / "cpu.max").write_text("150000 100000\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert device.quota(tmp_path, "system.slice/vivavoce.service") == 1.5
    assert device.quota(tmp_path, "") == float("inf")


def test_the_quota_of_an_older_container_is_seen(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("200000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert device.quota(tmp_path, "") == 2.0
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    assert device.quota(tmp_path, "") == float("inf")


def test_a_processor_is_told_by_its_name_or_on_arm_by_its_part(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Xeon(R) 2.80GHz\nflags\t\t: fpu\n")
    assert device.processor(cpuinfo) == "Xeon(R) 2.80GHz"
    cpuinfo.write_text("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n")
    assert device.processor(cpuinfo).endswith("0x41 0xd40")
    assert device.processor(tmp_path / "none")


def test_gpus_are_told_by_what_the_driver_knows(tmp_path: Path) -> None:
    assert device.gpus(tmp_path) == ()
    for slot in ("0000:00:05.0", "0000:00:06.0"):
        (tmp_path / slot).mkdir()
        (tmp_path / slot / "information").write_text("Model: \t\t NVIDIA L4\nIRQ:   \t\t 35\n")
    assert device.gpus(tmp_path) == ("NVIDIA L4", "NVIDIA L4")


def test_memory_is_free_up_to_the_limit_of_the_control_group(tmp_path: Path) -> None:
    whole = device.free_memory(tmp_path)
    assert whole > 0
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert device.free_memory(tmp_path) == 2_000_000
    (tmp_path / "memory.current").write_text("4000000\n")
    assert device.free_memory(tmp_path) == 0
    (tmp_path / "memory.max").write_text("max\n")
    assert device.free_memory(tmp_path) > 2_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread can give way")
def test_a_thread_gives_way_together_with_those_that_it_starts_and_no_other_does() -> None:
    found: list[int] = []

    def niceness() -> None:
        found.append(os.getpriority(os.PRIO_PROCESS, get_native_id()))

    def work() -> None:
        device.give_way()
        niceness()
        helper = Thread(target=niceness)
        helper.start()
        helper.join()

    before = os.getpriority(os.PRIO_PROCESS, 0)
    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert found == [min(19, before + device.NICE)] * 2
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
