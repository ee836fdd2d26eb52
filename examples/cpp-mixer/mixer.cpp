// A software mixer: an audio callback pulls blocks of samples through voices and effects, and must never wait.
//
//   mixer [BLOCKS]
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace audio {

constexpr std::size_t kBlock = 256;
constexpr double kRate = 48000.0;

using Block = std::array<float, kBlock>;

template <typename Sample, std::size_t Size>
class Table {
 public:
  template <typename Function>
  explicit Table(Function function) {
    for (std::size_t i = 0; i < Size; ++i) samples_[i] = static_cast<Sample>(function(double(i) / Size));
  }

  Sample at(double phase) const { return samples_[static_cast<std::size_t>(phase * Size) % Size]; }

 private:
  std::array<Sample, Size> samples_;
};

// Filled on first use: 256 kB of .bss, inside the callback unless somebody thinks of it earlier.
const Table<float, 65536>& sine() {
  static const Table<float, 65536> table([](double turn) { return std::sin(turn * 2 * 3.14159265358979323846); });
  return table;
}

class Stage {
 public:
  virtual ~Stage() = default;
  virtual void process(Block& block) = 0;
  virtual const char* name() const = 0;
};

class Oscillator final : public Stage {
 public:
  Oscillator(double frequency, float level) : step_(frequency / kRate), level_(level) {}

  void process(Block& block) override {
    for (float& sample : block) {
      sample += level_ * sine().at(phase_);
      phase_ += step_;
      phase_ -= std::floor(phase_);
    }
  }

  const char* name() const override { return "oscillator"; }

 private:
  double step_;
  double phase_ = 0;
  float level_;
};

class Delay final : public Stage {
 public:
  explicit Delay(std::size_t length) : line_(length) {}

  void process(Block& block) override {
    for (float& sample : block) sample = echo(sample);
  }

  const char* name() const override { return "delay"; }

 private:
  float echo(float input) {
    float& slot = line_[position_];
    position_ = (position_ + 1) % line_.size();
    const float output = input + 0.4f * slot;
    slot = output;
    return output;
  }

  std::vector<float> line_;
  std::size_t position_ = 0;
};

template <int Order>
class Limiter final : public Stage {
 public:
  void process(Block& block) override {
    for (float& sample : block) sample = soften(sample, std::integral_constant<int, Order>{});
  }

  const char* name() const override { return "limiter"; }

 private:
  static float soften(float x, std::integral_constant<int, 0>) { return x; }

  template <int N>
  static float soften(float x, std::integral_constant<int, N>) {
    return soften(x / (1.0f + std::abs(x) / N), std::integral_constant<int, N - 1>{});
  }
};

class Mixer {
 public:
  void add(std::unique_ptr<Stage> stage) { stages_.push_back(std::move(stage)); }

  // The audio callback.
  void callback(Block& block) {
    block.fill(0);
    for (const auto& stage : stages_) stage->process(block);
    record(block);
  }

  float peak() const { return peak_; }

 private:
  // A vector that grows in the callback: the mistake everybody makes once.
  void record(const Block& block) {
    recording_.insert(recording_.end(), block.begin(), block.end());
    peak_ = std::max(peak_, *std::max_element(block.begin(), block.end()));
  }

  std::vector<std::unique_ptr<Stage>> stages_;
  std::vector<float> recording_;
  float peak_ = 0;
};

}  // namespace audio

int main(int count, char** arguments) {
  const int blocks = count > 1 ? std::atoi(arguments[1]) : 200;
  audio::Mixer mixer;
  for (const double frequency : {110.0, 164.8, 220.0, 277.2}) {
    mixer.add(std::make_unique<audio::Oscillator>(frequency, 0.2f));
  }
  mixer.add(std::make_unique<audio::Delay>(24000));
  mixer.add(std::make_unique<audio::Limiter<3>>());

  std::atomic<int> played{0};
  std::thread callback([&] {
    audio::Block block;
    while (played < blocks) {
      mixer.callback(block);
      ++played;
    }
  });
  callback.join();
  std::printf("%d blocks mixed, peak %.3f\n", played.load(), static_cast<double>(mixer.peak()));
  return 0;
}
