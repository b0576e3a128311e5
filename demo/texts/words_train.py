"""What the Train tab says, in English and in Chinese."""

TRAIN = {
    # key: English, Chinese
    "train": ("Train", "训练"),
    "train_intro": (
        "Here you train SRCNN yourself and watch it learn. A network is a few thousand numbers, its weights. Training "
        "shows it small pieces of photographs, blurred and sharp, thousands of times, and each time moves the weights "
        "a little towards a better result. Press Train.",
        "在这里，您可以亲自训练 SRCNN，并看着它学习。网络就是几千个数字，称为权重。训练把照片的小块（模糊的和清晰的）"
        "给它看几千次，每次都把权重朝更好的结果挪动一点。请点击“训练”。",
    ),
    "train_press": ("Train", "训练"),
    "train_stop": ("Stop", "停止"),
    "train_more": ("Go on", "继续"),
    "train_lesson": ("Lessons", "课程"),
    "train_lesson_info": (
        "Each sets the choices and trains two or three networks one after another, so that you can compare them.",
        "每个课程都会设好各项选择，并依次训练两三个网络，供您比较。",
    ),
    "train_lesson_none": ("My own choices", "自己选择"),
    "train_lesson_rate": ("Too high a rate", "学习率过高"),
    "train_lesson_norm": ("Batch normalisation hurts", "批归一化有害"),
    "train_lesson_optimizer": ("SGD against Adam against SOAP", "SGD、Adam 与 SOAP 对比"),
    "train_lesson_residual": ("No residual", "没有残差"),
    "train_lesson_piece": ("Overfitting one picture", "对一张图片过拟合"),
    "train_group_aim": ("What it is to do", "目标"),
    "train_group_way": ("How it learns", "学习方式"),
    "train_group_network": ("The network", "网络"),
    "train_group_data": ("What it learns from", "学习素材"),
    "train_loss": ("Loss", "损失函数"),
    "train_loss_info": (
        "The kind of error that training makes small. MSE squares each pixel's error, so large ones count most; L1 "
        "counts all alike; Charbonnier lies between.",
        "训练要减小的那种误差。MSE 把每个像素的误差平方，大误差影响最大；L1 对所有误差一视同仁；"
        "Charbonnier 介于两者之间。",
    ),
    "train_scale": ("Scale", "放大倍数"),
    "train_scale_info": (
        "How many times larger the picture becomes: the more, the more detail the network has to make up for.",
        "图片放大多少倍：倍数越大，网络要补回的细节越多。",
    ),
    "train_optimizer": ("Optimiser", "优化器"),
    "train_optimizer_info": (
        "How the weights are moved. SGD takes the same step size for all of them, Adam one for each, and SOAP also "
        "knows which of them go together. SGD needs a rate of about 0.1.",
        "如何挪动权重。SGD 对所有权重用同样的步幅，Adam 为每个权重单独定步幅，SOAP 还知道哪些权重相互关联。"
        "SGD 需要约 0.1 的学习率。",
    ),
    "train_learning_rate": ("Learning rate", "学习率"),
    "train_learning_rate_info": (
        "How far the weights move at each step. Too little, and nothing happens; too much, and each step undoes the "
        "one before.",
        "每一步把权重挪动多远。太小，几乎没有进展；太大，每一步都会毁掉上一步的成果。",
    ),
    "train_schedule": ("Schedule", "学习率的变化"),
    "train_schedule_info": (
        "How the learning rate falls while training goes on: large steps at first, small ones to settle.",
        "学习率在训练中如何下降：先大步前进，再小步收敛。",
    ),
    "train_schedule_cosine": ("gently to zero (cosine)", "平滑降到零（余弦）"),
    "train_schedule_step": ("halved three times (step)", "减半三次（阶梯）"),
    "train_schedule_exponential": ("a little at each step (exponential)", "每步降一点（指数）"),
    "train_schedule_constant": ("not at all (constant)", "不变（恒定）"),
    "train_steps": ("Steps", "步数"),
    "train_steps_info": (
        "How often the weights are moved. The more, the better the result, up to a limit, and the longer it takes.",
        "挪动权重的次数。次数越多结果越好，但有极限，用时也越长。",
    ),
    "train_batch_size": ("Batch size", "批大小"),
    "train_batch_size_info": (
        "How many pieces of photographs each step looks at. More give a surer direction and take longer.",
        "每一步看多少个照片小块。越多，方向越可靠，用时也越长。",
    ),
    "train_kernel_sizes": ("Kernel sizes", "卷积核大小"),
    "train_kernel_sizes_info": (
        "How many pixels wide the windows are that the three layers look through. Larger ones see more and have more "
        "weights to learn.",
        "三层各自的窗口有多少像素宽。窗口越大看得越多，要学的权重也越多。",
    ),
    "train_batch_norm": ("Batch normalisation", "批归一化"),
    "train_batch_norm_info": (
        "Brings what comes out of a layer to the same brightness and contrast for each batch. It helps deep networks "
        "that name things; here it loses what the picture's own brightness was.",
        "把每一批图片在一层之后的结果调到同样的亮度和对比度。它有助于做识别的深层网络；在这里却丢掉了图片本来的亮度。",
    ),
    "train_residual": ("Global residual", "全局残差"),
    "train_residual_info": (
        "The network learns only what is missing in the bicubic picture, and that is added to it; without, it has to "
        "learn the whole picture.",
        "网络只学习双三次插值图片所缺少的部分，再加回去；不用它，网络就得学会画出整张图片。",
    ),
    "train_start": ("Start from", "起点"),
    "train_start_info": (
        "What the weights are before the first step. Near bicubic: the network begins by handing the picture through. "
        "At random, as in the article: it begins with nothing. Released: with weights that were trained for hours.",
        "第一步之前的权重。接近双三次插值：网络一开始原样传递图片。随机（如原文）：从零开始。"
        "发布的权重：已训练了数小时。",
    ),
    "train_start_bicubic": ("near bicubic", "接近双三次插值"),
    "train_start_random": ("at random", "随机"),
    "train_start_released": ("the released weights", "发布的权重"),
    "train_turns": ("Augmentation", "数据增强"),
    "train_turns_info": (
        "Shows each piece turned and mirrored at random, as if there were eight times as many photographs.",
        "随机旋转和翻转每个小块，就像照片多了八倍。",
    ),
    "train_pictures": ("Pictures to train on", "训练图片"),
    "train_pictures_info": (
        "What the network sees while it learns. It knows nothing but that.",
        "网络在学习时看到的图片。除此之外它一无所知。",
    ),
    "train_pictures_photographs": ("the other example photographs", "其他示例照片"),
    "train_pictures_piece": ("one piece of 72 × 72 pixels", "一个 72 × 72 像素的小块"),
    "train_pictures_own": ("my own pictures", "我自己的图片"),
    "train_files": (
        "Your own pictures, up to 20: the middle 1020 × 1020 pixels of each",
        "您自己的图片，最多 20 张：取每张中央的 1020 × 1020 像素",
    ),
    "train_measured": ("Picture to measure on", "测量用图片"),
    "train_measured_info": (
        "The middle of this photograph is never trained on: it shows whether the network has learned something that "
        "holds for other pictures, too.",
        "这张照片的中央部分从不用于训练：它能说明网络学到的东西对其他图片是否也有效。",
    ),
    "train_measured_astronaut": ("Astronaut", "宇航员"),
    "train_measured_chelsea": ("Cat", "猫"),
    "train_measured_coffee": ("Coffee", "咖啡"),
    "train_measured_rocket": ("Rocket", "火箭"),
    "train_measured_camera": ("Cameraman", "摄影师"),
    "train_True": ("on", "开"),
    "train_False": ("off", "关"),
    "train_empty": (
        "The curves, a detail that gets sharper and the filters that form appear here as soon as you press Train.",
        "点击“训练”后，这里会显示曲线、逐渐变清晰的局部和正在形成的滤波器。",
    ),
    "train_psnr_chart": (
        "PSNR in decibels on the picture that is not trained on: higher is better, 1 dB more is a fifth less error",
        "在不参与训练的图片上的 PSNR（分贝）：越高越好，高 1 dB 误差约少五分之一",
    ),
    "train_cost_chart": (
        "Loss: the error on the pieces that are trained on. Lower is better",
        "损失：在训练小块上的误差。越低越好",
    ),
    "train_bicubic_line": ("bicubic", "双三次插值"),
    "train_released_line": ("released weights", "发布的权重"),
    "train_step": ("Steps", "步数"),
    "train_run": ("Run", "训练"),
    "train_run_settings": ("What it chose", "所选设置"),
    "train_run_best": ("Best PSNR (dB)", "最高 PSNR（dB）"),
    "train_run_loss": ("Loss", "损失"),
    "train_defaults": ("as the page begins", "页面的初始设置"),
    "train_place": ("Where to look: drag the square", "查看位置：拖动方框"),
    "train_detail": ("A detail of that picture, as the network draws it now", "该图片的一处局部：网络现在画出的样子"),
    "train_now": ("your network now", "您的网络（现在）"),
    "train_by_released": ("released weights", "发布的权重"),
    "train_filters": (
        "The 64 filters of the first layer, as they form: red adds, blue subtracts",
        "第一层的 64 个滤波器正在形成：红色为正，蓝色为负",
    ),
    "train_figures": (
        "Step {step} of {steps}: {psnr:.2f} dB, {gain} dB against bicubic. {speed:.0f} steps a second, {images:.0f} "
        "pieces a second.",
        "第 {step} 步，共 {steps} 步：{psnr:.2f} dB，与双三次插值相比 {gain} dB。"
        "每秒 {speed:.0f} 步，{images:.0f} 个小块。",
    ),
    "train_done": (
        "Done. The best weights are those of step {best} with {psnr:.2f} dB.",
        "已完成。最好的权重来自第 {best} 步，{psnr:.2f} dB。",
    ),
    "train_paused": (
        "Stopped; a press trains for at most 60 seconds, and only while somebody looks. Go on continues here. The best "
        "weights so far are those of step {best} with {psnr:.2f} dB.",
        "已停止；每次点击最多训练 60 秒，且只在有人观看时进行。点击“继续”可从这里接着训练。"
        "目前最好的权重来自第 {best} 步，{psnr:.2f} dB。",
    ),
    "train_diverged": (
        "The error has grown without end: the steps were too large. Choose a lower learning rate and train again.",
        "误差无限增大：步幅太大了。请选择较低的学习率，重新训练。",
    ),
    "train_compare": ("Try it in Compare", "在“对比”中试用"),
    "train_enlarge": ("Try it in Enlarge", "在“放大”中试用"),
    "train_download": ("Download the variant", "下载模型"),
    "train_command": ("The same on a real set of pictures", "在真正的图片集上做同样的训练"),
    "train_command_text": (
        "This command trains with the same choices on the pictures that the released weights were trained on. It runs "
        "in the project's folder; give it more steps, 160,000 as the released weights, for a result like theirs.",
        "此命令用同样的设置，在训练发布权重所用的图片集上训练；请在项目目录下运行。"
        "要得到与发布的权重相当的结果，请把步数增加到 160,000。",
    ),
    "trained_here": ("trained here", "在此训练"),
}
# What a visitor is told of an error, as in words.py.
TRAIN_ERRORS = {
    "This page does not offer these settings; reload it and choose again.": (
        "本页面不提供这些设置；请重新加载页面再选择。"
    ),
    "The released weights know neither batch normalisation nor the global residual; switch both off, or start from "
    "nothing.": "发布的权重不含批归一化和全局残差；请关闭这两项，或从头开始训练。",
    "There are no released weights for x{scale} here; choose another scale.": (
        "这里没有 x{scale} 的发布权重；请选择其他倍数。"
    ),
    "These are {n} pictures, the limit here is {limit} at once; remove some of them.": (
        "这里有 {n} 张图片，一次最多 {limit} 张；请移除一些。"
    ),
    "There is no picture yet: upload one or choose the photographs.": "还没有图片：请上传图片，或选择示例照片。",
    "This is the picture that is measured on, which is never trained on.": "这是测量用的图片，从不用于训练。",
    "This picture is smaller than {least} pixels a side.": "这张图片的边长小于 {least} 像素。",
    "This training is not on the server any more, as after an hour; train again.": (
        "此训练已不在服务器上（一小时后会删除）；请重新训练。"
    ),
    "There is nothing trained here yet, or not any more; press Train first.": (
        "这里还没有训练结果，或已被删除；请先点击“训练”。"
    ),
}
