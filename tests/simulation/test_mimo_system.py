"""A network with multi-user MIMO: drawn the same again, and laws of a small one."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.channel.draws import key_of
from cellwright.simulation.mimo import layer_sinr
from cellwright.simulation.mimo.kernels import believed_sinr_kernel
from cellwright.simulation.mimo_system import SystemSettings, spectral_efficiency
from cellwright.simulation.mimo_system.channels import network
from cellwright.simulation.mimo_system.estimates import believed_kernel, draws_needed
from cellwright.simulation.mimo_system.reports import told_power
from cellwright.simulation.scenarios import scenario

SMALL = {
    "instants": 1, "slots": 8, "warm_up": 2, "interferers": 2, "subbands": 2, "samples": 1,
}  # fmt: skip
RECEIVE, LAYERS = 4, 3


@pytest.fixture(scope="module")
def city():
    return scenario("imt-dense-urban-4ghz", rings=0, users_per_cell=4)


@pytest.fixture(scope="module")
def shared(city):
    return spectral_efficiency(city, SystemSettings(**SMALL), (3,))


def draw(rng, *shape):
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2.0)


@pytest.fixture(scope="module")
def heard():
    """Effective channel [receive, layer] and a coloured covariance [receive, receive]."""
    rng = np.random.default_rng(5)
    other = 2.0 * draw(rng, RECEIVE, 2)
    return 3.0 * draw(rng, RECEIVE, LAYERS), other @ other.conj().T + 0.5 * np.eye(RECEIVE)


def believed(heard, gain, samples, count):
    """Channel and covariance as pilots show them, ``count`` times."""
    heff, colour = heard
    lower = np.linalg.cholesky(colour)
    need = np.empty(draws_needed(RECEIVE, LAYERS, samples))
    root = np.zeros((RECEIVE, RECEIVE), np.complex128)
    channels = np.empty((count, RECEIVE, LAYERS), np.complex128)
    colours = np.zeros((count, RECEIVE, RECEIVE), np.complex128)
    for n in range(count):
        key = np.uint64(key_of(9, 1, n, 0))
        believed_kernel(
            key, lower, heff, LAYERS, gain, samples, need, root, channels[n], colours[n]
        )
    return channels, colours


def sinr_believed(heard, gain, samples, count=200):
    heff, colour = heard
    out = np.empty((count, LAYERS))
    work = np.empty((2 * RECEIVE, RECEIVE), np.complex128)
    for n, (channel, guess) in enumerate(zip(*believed(heard, gain, samples, count), strict=True)):
        work[:RECEIVE] = guess
        believed_sinr_kernel(heff, channel, LAYERS, colour, work, out[n])
    return out


def test_the_same_seed_gives_the_same_network(city, shared):
    again = spectral_efficiency(city, SystemSettings(**SMALL), (3,))
    assert np.array_equal(again.user_rate, shared.user_rate)
    assert again.cells == 3


def test_users_served_together_bring_more_layers(city, shared):
    alone = spectral_efficiency(city, SystemSettings(most_users=1, **SMALL), (3,))
    assert alone.layers[0] <= 2.0 < shared.layers[0]
    assert (shared.user_rate >= 0.0).all()
    assert shared.user_rate.sum() > 0.0


def test_settings_that_leave_nothing_are_refused():
    with pytest.raises(InputError, match="warm_up"):
        SystemSettings(instants=1, slots=5, warm_up=5)
    with pytest.raises(InputError, match="estimation"):
        SystemSettings(estimation="guessed")


def test_noise_on_pilots_costs_rate(city):
    # with reported beams a rounding that turns one choice is worth more than the noise
    rates = {
        how: sum(
            spectral_efficiency(
                city, SystemSettings(estimation=how, report="ideal", **SMALL), (drop,)
            ).user_rate.sum()
            for drop in range(3, 9)
        )
        for how in ("pilots", "ideal")
    }
    assert rates["pilots"] < 0.98 * rates["ideal"]


def test_quantised_reports_cost_rate(city, shared):
    fine = spectral_efficiency(city, SystemSettings(report="ideal", **SMALL), (3,))
    assert shared.user_rate.sum() < fine.user_rate.sum()


def test_errors_of_the_channel_have_the_covariance_of_what_disturbs_it(heard):
    heff, colour = heard
    channels, colours = believed(heard, 10.0, 30, 4000)
    error = channels - heff
    spread = np.einsum("nil,njl->ij", error, error.conj()) / error.shape[0] / LAYERS
    size = np.abs(colour).max()
    assert np.abs(error.mean(axis=0)).max() < 0.05 * np.sqrt(size)
    assert spread == pytest.approx(colour / 10.0, abs=0.05 * size / 10.0)
    whole = np.tril(colours) + np.tril(colours, -1).conj().swapaxes(1, 2)
    assert whole.mean(axis=0) == pytest.approx(colour, abs=0.02 * size)
    # a diagonal entry is chi-squared with 2 x 30 degrees of freedom: variance mean^2 / 30
    assert whole[:, 0, 0].real.var() == pytest.approx(colour[0, 0].real ** 2 / 30, rel=0.1)


def test_more_pilots_come_to_the_receiver_that_knows(heard):
    heff, colour = heard
    ideal = layer_sinr(heff, colour)
    mean = [
        sinr_believed(heard, gain, n).mean(axis=0) for gain, n in ((4, 6), (24, 36), (1e6, 9999))
    ]
    assert (mean[0] < mean[1]).all()
    assert (mean[1] < ideal).all()
    assert mean[2] == pytest.approx(ideal, rel=2e-3)


def test_no_error_makes_a_layer_better_than_its_best_receiver(heard):
    heff, colour = heard
    assert (sinr_believed(heard, 8.0, 12) <= layer_sinr(heff, colour) * (1.0 + 1e-9)).all()


def test_users_are_served_within_the_margin(city):
    wide = network(city, SystemSettings(margin_db=6.0, **SMALL), 3)
    gain = wide.people.gain_db
    own = gain[wide.cell[:, 0], np.arange(wide.people.users)]
    assert (own >= gain.max(axis=0) - 6.0).all()
    assert (wide.place > 0).any()
    h = wide.channel(SystemSettings(**SMALL), 0.0)
    strict = network(city, SystemSettings(margin_db=0.0, **SMALL), 3)
    assert np.array_equal(strict.cell[:, 0], gain.argmax(axis=0))
    plain = strict.channel(SystemSettings(**SMALL), 0.0)
    for user in np.flatnonzero(wide.place):
        at = int(wide.place[user])
        assert np.allclose(h[user, 0], plain[user, at], rtol=1e-5)
        assert np.allclose(h[user, at], plain[user, 0], rtol=1e-5)


def test_cars_move_and_indoor_users_hardly(city):
    net = network(city, SystemSettings(**SMALL), 3)
    settings = SystemSettings(car_kmh=120.0, pedestrian_kmh=0.0, **SMALL)
    before, after = net.channel(settings, 0.0), net.channel(settings, 0.01)
    change = np.abs(after - before)[:, 0].max(axis=(1, 2, 3)) / np.abs(before)[:, 0].max(
        axis=(1, 2, 3)
    )
    cars = net.people.in_car
    assert cars.any()
    assert change[cars].min() > 0.01
    assert change[~cars].max() < 1e-4


def test_statistics_of_release_19_tell_users_apart_better(city):
    old, new = (
        spectral_efficiency(city, SystemSettings(edition=edition, **SMALL), (3, 4, 5))
        for edition in ("v16", "v19")
    )
    assert new.user_rate.sum() > old.user_rate.sum()


def test_what_is_told_is_a_step_below_what_is_there():
    """One layer through a channel without fading: the CQI's SINR, by its table."""
    for power in (2.0, 30.0, 150.0):
        white = np.full((3, 2, 1, 4), np.sqrt(power / 4.0), np.complex128)
        told = told_power(white, np.full((3, 4, 1), 0.5, np.complex128))
        assert told.shape == (3, 1)
        assert (told <= power).all()
        assert (told > power / 10.0**0.45).all()


def test_the_last_cqi_is_all_that_can_be_told():
    column = np.full((3, 4, 1), 0.5, np.complex128)
    strong, stronger = (
        told_power(np.full((3, 2, 1, 4), level, np.complex128), column) for level in (100.0, 1000.0)
    )
    assert np.array_equal(strong, stronger)


def test_a_second_layer_is_told_only_where_it_pays():
    rng = np.random.default_rng(2)
    first, second = np.linalg.qr(draw(rng, 8, 2))[0].T
    column = np.stack([first.conj(), second.conj()], axis=1)[None]
    weak = np.stack([20.0 * first, 0.2 * second])[None, None]
    even = np.stack([20.0 * first, 20.0 * second])[None, None]
    assert told_power(weak, column)[0, 1] == 0.0
    both = told_power(even, column)[0]
    assert both[0] == both[1] > 0.0
